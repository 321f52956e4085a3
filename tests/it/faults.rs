//! What no administrator should have to think of: kills, full and failing disks, power cuts, clocks that jump, damaged files. The
//! real binary before a publisher and a subscriber on loopback; at the end the promise is held against what both of them saw.

#![expect(clippy::disallowed_methods, reason = "processes live in real time")]

mod clock;
mod damage;
mod disk;
mod errors;
mod keeping;
mod power;
mod scene;
mod stopped;
