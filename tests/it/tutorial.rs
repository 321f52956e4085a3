//! docs/tutorial.md, run as it stands there: its files are written, its commands run in their order, a website of the test's own
//! in the place of the publisher and of Slack.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::pages::{Site, item, rss};

/// A daemon that was left running.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn shell(folder: &Path, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_tidings")).parent().unwrap().display().to_string();
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(folder).env("PATH", format!("{program}:/usr/local/bin:/usr/bin:/bin"));
    command.env("HOME", folder).env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The blocks of the page: language and text.
fn blocks(text: &str) -> Vec<(String, String)> {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).map(|(lang, text)| (lang.to_owned(), text.to_owned())).collect()
}

#[test]
fn the_tutorial_does_what_it_says() {
    let site = Site::start();
    let of = |number: u32| site.url(&format!("/{number}"));
    let blast = item("Harbour blast kills 12", "A blast in the harbour killed 12 dock workers.", &of(1), 3_000);
    let weather = item("Fine weather all week", "The sun shines.", &of(2), 2_990);
    site.put("/feed.xml", "application/rss+xml", rss(&[blast.clone(), weather.clone()].concat()));
    let page = "<html><head><title>The Wire</title><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head></html>";
    site.put("/", "text/html", page);

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = include_str!("../../docs/tutorial.md")
        .replace("https://wire.example/", &site.url("/"))
        .replace("https://hooks.example/", &site.url("/"));
    let folder = tempfile::tempdir().unwrap();
    let mut running = None;
    let mut shown = Vec::new();
    for (lang, block) in blocks(&text) {
        if lang == "toml" {
            // What the machine of the test needs beside: loopback, a port of its own, no waiting between polls.
            let more = format!(
                "\n[network]\nallow_private = true\n[server]\nlisten = \"127.0.0.1:{port}\"\n[poll]\ndomain_spacing_secs = 0\n\
                 interval_min_minutes = 0.001\ninterval_max_minutes = 0.005\n"
            );
            std::fs::write(folder.path().join("my.toml"), block + &more).unwrap();
            continue;
        }
        for line in block.lines() {
            if line.starts_with("tidings run") {
                let daemon =
                    shell(folder.path(), &format!("exec {line}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
                running = Some(Running(daemon.unwrap()));
                super::pages::wait("the daemon listens", &|| shown.join("\n"), || {
                    std::net::TcpStream::connect(("127.0.0.1", port)).ok()
                });
                continue;
            }
            if line.starts_with("tidings delivery list") {
                super::pages::wait("the test in the channel", &|| shown.join("\n"), || {
                    site.posts()
                        .iter()
                        .any(|(path, body)| path == "/services/T0/B0/x" && body.contains("test"))
                        .then_some(())
                });
            }
            // Without a configuration nothing on loopback is asked.
            let line = if line.contains("--config") || !line.starts_with("tidings") {
                line.to_owned()
            } else {
                std::fs::write(
                    folder.path().join("none.toml"),
                    "[network]\nallow_private = true\n[storage]\npath = \"none.db\"\n",
                )
                .unwrap();
                format!("{line} --config none.toml")
            };
            let output = shell(folder.path(), &line).output().unwrap();
            assert!(output.status.success(), "{line}: {}\nbefore it: {}", said(&output), shown.join("\n"));
            shown.push(format!("$ {line}\n{}", said(&output)));
        }
    }
    assert!(running.is_some());
    let shown = shown.join("\n");
    for words in [
        "RSS feed  The Wire",
        "my.toml is right",
        "2 new stories, 0 events told",
        "Harbour blast kills 12",
        "title has \"blast\"",
        "1 gained, 0 lost",
        "this is shown once",
    ] {
        assert!(shown.contains(words), "{words:?} is not shown:\n{shown}");
    }

    // And what the page promises of what comes from now on.
    let strike = item("Pilots of the harbour on strike", "Tugs lie still since dawn.", &of(3), 0);
    site.put("/feed.xml", "application/rss+xml", rss(&[strike, blast, weather].concat()));
    super::pages::wait("the news in the channel", &|| shown.clone(), || {
        site.posts().iter().any(|(_, body)| body.contains("Pilots of the harbour on strike")).then_some(())
    });
    assert!(
        !site.posts().iter().any(|(_, body)| body.contains("Harbour blast")),
        "what stood there before is told to nobody"
    );
}
