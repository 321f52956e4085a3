//! tidings seen from outside: its source as a house, its loops in simulated worlds, its binary as a process in a served one.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod api;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod boost;
#[cfg(test)]
mod booted;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod discover;
#[cfg(test)]
mod encode;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod intent;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod life;
#[cfg(test)]
mod logging;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod push;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod said;
#[cfg(test)]
mod score;
#[cfg(test)]
mod seek;
#[cfg(test)]
mod service;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod topics;
#[cfg(test)]
mod tutorial;
#[cfg(test)]
mod wants;
#[cfg(test)]
mod watchdog;
#[cfg(test)]
mod websub;
#[cfg(test)]
mod world;
