//! Dropping furniture, unless it holds what there is to read.

use crate::page::markup::{Tag, Tree};

use super::blocks::{Sums, blocks};
use super::furniture::{Furniture, judge};

/// What may be furniture is kept where it holds more than this of the page's prose, in percent.
const MAYBE_PERCENT: i64 = 10;
/// What likely is, where it holds more than this.
const LIKELY_PERCENT: i64 = 60;

/// Says of each node whether the subtree that begins there is left out. What is or holds a body of an article by its
/// name stays.
pub(super) fn prune(tree: &Tree<'_>, is_body: &[bool]) -> Vec<bool> {
    let mut verdicts: Vec<Furniture> = tree.nodes().map(|(_, node)| judge(node)).collect();
    spare(tree, is_body, &mut verdicts);
    let mut dropped: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Furniture::Surely).collect();
    let all = blocks(tree, &dropped);
    let prose = Sums::of(&all, |block| if block.is_prose() { i64::from(block.weight - block.linked) } else { 0 });
    let mut skip_to = 0;
    for (((at, node), verdict), dropped) in tree.nodes().zip(verdicts).zip(&mut dropped) {
        if at < skip_to {
            continue;
        }
        let bound = match verdict {
            Furniture::No => continue,
            Furniture::Maybe => MAYBE_PERCENT,
            Furniture::Likely => LIKELY_PERCENT,
            Furniture::Surely => 100,
        };
        *dropped = verdict == Furniture::Surely || prose.within(at..node.end) * 100 <= prose.total() * bound;
        if *dropped {
            skip_to = node.end;
        }
    }
    dropped
}

/// Takes back verdicts on what holds more than its name says.
fn spare(tree: &Tree<'_>, is_body: &[bool], verdicts: &mut [Furniture]) {
    let mut spare = |at: usize, most: Furniture| {
        if let Some(verdict) = verdicts.get_mut(at).filter(|verdict| **verdict <= most) {
            *verdict = Furniture::No;
        }
    };
    for ((at, node), is_body) in tree.nodes().zip(is_body) {
        if *is_body {
            spare(at, Furniture::Likely);
            tree.ancestors(at).for_each(|around| spare(around, Furniture::Likely));
        }
        // Quotes, posts and tables are set into frames named like pictures and videos.
        if matches!(node.tag, Tag::Blockquote | Tag::Table | Tag::Pre) {
            for around in tree.ancestors(at).take(FRAMES_MAX) {
                let is_figure = tree.node(around).tag == Tag::Figure;
                spare(around, if is_figure { Furniture::Likely } else { Furniture::Maybe });
            }
        }
    }
}

/// How far a frame may stand around what it frames.
const FRAMES_MAX: usize = 4;
