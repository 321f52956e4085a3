//! Searches of strangers: bounded in pace and in number, whatever they cost.

use futures_util::FutureExt as _;
use futures_util::future::join_all;

use super::*;

fn search(path: &str, address: &str) -> Request<Body> {
    Request::get(path).header("x-forwarded-for", address).body(Body::empty()).unwrap()
}

fn retry(answer: &Answer) -> &str {
    answer.headers[header::RETRY_AFTER].to_str().unwrap()
}

#[tokio::test]
async fn an_address_searches_so_often_without_a_token_and_then_waits() {
    let world = world();
    let ask = async |path, address| world.send(search(path, address)).await;
    for _ in 0..30 {
        assert_eq!(ask("/?q=ba", "192.0.2.1").await.status, StatusCode::OK);
    }
    let refused = ask("/topics/council?q=ba", "192.0.2.1").await;
    assert_eq!((refused.status, retry(&refused)), (StatusCode::TOO_MANY_REQUESTS, "2"));
    assert!(refused.text.contains("30 times a minute without a token"), "{}", refused.text);
    assert_eq!(ask("/", "192.0.2.1").await.status, StatusCode::OK, "pages without a search are shown");
    assert_eq!(ask("/?q=ba", "192.0.2.2").await.status, StatusCode::OK);
    assert_eq!(world.get("/v1/stories?q=ba").await.status, StatusCode::OK);
}

#[tokio::test]
async fn few_searches_of_strangers_wait_and_the_next_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let writer = SqliteStore::open(&file).unwrap();
    let [loops, guests] = [(); 2].map(|()| SqliteStore::open_reader(&file).unwrap());
    let keeper = Keeper::threads(Box::new(writer), [Box::new(loops), Box::new(guests)]).unwrap().for_guests();
    let world = world_kept(keeper.clone(), Some(TOKEN), None, Openness::default());
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let mut long = Box::pin(keeper.read(move |_store| Ok(ended.recv().ok())));
    assert!(long.as_mut().now_or_never().is_none());

    let mut asked: Vec<_> = (1..=9).map(|n| Box::pin(world.send(search("/?q=ba", &format!("192.0.2.{n}"))))).collect();
    for one in &mut asked {
        assert!(one.as_mut().now_or_never().is_none());
    }
    let refused = world.send(search("/?q=ba", "192.0.2.10")).await;
    assert_eq!((refused.status, retry(&refused)), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    end.send(()).unwrap();
    long.await.unwrap();
    assert!(join_all(asked).await.iter().all(|answer| answer.status == StatusCode::OK));
}
