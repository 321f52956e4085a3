//! Who sees which page, and how a browser signs in.

use axum::http::request::Builder;

use super::*;

const TOKEN: &str = "open-sesame";

fn form(path: &str, body: &str) -> Builder {
    let length = body.len();
    Request::builder()
        .method("POST")
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, length)
}

fn line<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

async fn page(world: &World, path: &str, cookie: Option<&str>) -> Answer {
    let request = Request::builder().uri(path);
    let request = match cookie {
        Some(cookie) => request.header(header::COOKIE, cookie),
        None => request,
    };
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_becomes_a_cookie_that_no_script_and_no_other_site_can_use() {
    let world = world_with(Some(TOKEN));
    let body = format!("token={TOKEN}&then=%2F%3Fq%3Dred");
    let request = form("/sign-in", &body).header("x-forwarded-proto", "https").body(Body::from(body.clone())).unwrap();
    let answer = world.send(request).await;
    assert_eq!((answer.status, line(&answer, "location")), (StatusCode::SEE_OTHER, "/?q=red"));
    let cookie = line(&answer, "set-cookie").to_owned();
    assert_eq!(cookie, format!("tidings={TOKEN}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict; Secure"));

    let cookie = cookie.split(';').next();
    assert!(page(&world, "/", cookie).await.text.contains("Sign out"));
    assert!(page(&world, "/", Some("tidings=another")).await.text.contains("Sign in"));
}

#[tokio::test]
async fn a_wrong_token_and_another_sites_form_sign_nobody_in() {
    let world = world_with(Some(TOKEN));
    let wrong = world.send(form("/sign-in", "token=wrong").body(Body::from("token=wrong")).unwrap()).await;
    assert_eq!((wrong.status, wrong.headers.get(header::SET_COOKIE)), (StatusCode::UNAUTHORIZED, None));

    let body = format!("token={TOKEN}");
    let request =
        form("/sign-in", &body).header("sec-fetch-site", "cross-site").body(Body::from(body.clone())).unwrap();
    let foreign = world.send(request).await;
    assert_eq!((foreign.status, foreign.headers.get(header::SET_COOKIE)), (StatusCode::FORBIDDEN, None));
    assert!(line(&foreign, "content-type").starts_with("text/html"));
}

#[tokio::test]
async fn where_pages_are_not_public_a_stranger_is_asked_to_sign_in_first() {
    let world = world_open(Some(TOKEN), None, Openness { pages: false, ..Openness::default() });
    let answer = page(&world, "/?q=red+sea", None).await;
    assert_eq!(
        (answer.status, line(&answer, "location")),
        (StatusCode::SEE_OTHER, "/sign-in?then=%2F%3Fq%3Dred%2Bsea")
    );
    assert_eq!(page(&world, "/", Some(&format!("a=b; tidings={TOKEN}"))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn where_pages_are_not_public_a_stranger_gets_no_feed_and_subscribes_no_device() {
    let world = world_open(Some(TOKEN), Some(devices::devices(9, 9)), Openness { pages: false, ..Openness::default() });
    let cookie = format!("tidings={TOKEN}");
    let add = world.keeper.write(|store| store.add_topic(&council(), at(0)));
    add.await.unwrap();
    let feed = page(&world, "/feeds/council.atom", None).await;
    assert_eq!((feed.status, line(&feed, "www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer realm=\"tidings\""));
    assert!(feed.text.contains("public_pages"), "{}", feed.text);
    assert_eq!(page(&world, "/feeds/none.atom", None).await.status, StatusCode::UNAUTHORIZED, "nor which there are");
    let feed = page(&world, "/feeds/council.atom", Some(&cookie)).await;
    assert_eq!((feed.status, line(&feed, "cache-control")), (StatusCode::OK, "private, no-cache"));
    let bearer = Request::get("/feeds/council.atom").header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    assert_eq!(world.send(bearer.body(Body::empty()).unwrap()).await.status, StatusCode::OK);

    let subscribe = async |cookie: &str| {
        let request = Request::post("/push")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, cookie)
            .body(Body::from(devices::browser("a").to_string()));
        world.send(request.unwrap()).await.status
    };
    assert_eq!(
        (subscribe("tidings=guessed").await, subscribe(&cookie).await),
        (StatusCode::UNAUTHORIZED, StatusCode::CREATED)
    );
}

#[tokio::test]
async fn a_name_that_is_none_of_its_own_is_refused_where_names_are_listed() {
    let world =
        world_open(Some(TOKEN), None, Openness { hosts: ["news.example".to_owned()].into(), ..Openness::default() });
    let ask = async |host: &str| {
        let request = Request::builder().uri("/").header(header::HOST, host).body(Body::empty()).unwrap();
        world.send(request).await.status
    };
    for own in ["news.example", "NEWS.example:443", "127.0.0.1:8480", "[::1]:8480", "[::1]", "localhost:8480"] {
        assert_eq!(ask(own).await, StatusCode::OK, "{own}");
    }
    for other in ["rebound.example", "news.example.evil.example", "localhost.evil.example"] {
        assert_eq!(ask(other).await, StatusCode::MISDIRECTED_REQUEST, "{other}");
    }
}
