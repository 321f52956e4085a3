//! Dropping furniture, unless it holds what there is to read.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::page::markup::{Node, Tag, Tree};

use super::blocks::{Block, Sums, blocks, is_prose};
use super::furniture::{Furniture, judge_in_sentence, judge_veiled};
use super::names::{has_word, is_named};
use super::teasers::{is_of_teasers, lists};

/// What may be furniture is kept where it holds more than this of the page's prose, in percent.
const MAYBE_PERCENT: i64 = 10;
/// What likely is, where it holds more than this.
const LIKELY_PERCENT: i64 = 60;
/// What is around the article's heading is kept where it holds more than this behind it.
const HEADED_PERCENT: i64 = 25;
/// Lines that lead elsewhere, of one that is a list of others.
const LEADS_MIN: i64 = 3;
/// What may be, where it asks something of its readers (a form, a button).
const ASKING_PERCENT: i64 = 25;
/// Elements of one kind that may be furniture are kept where they hold more than this together: the parts of an article.
const KIND_PERCENT: i64 = 40;

/// Says of each node whether the subtree that begins there is left out. What is or holds a body of an article by its
/// name stays, and what holds the article's `heading` and prose behind it.
///
/// What is in the elements of `others` does not.
pub(super) fn prune(tree: &Tree<'_>, is_body: &[bool], heading: Option<usize>, others: &[Range<usize>]) -> Vec<bool> {
    let mut verdicts: Vec<Furniture> = tree.nodes().map(|(_, node)| judge_veiled(node)).collect();
    unveil(tree, is_body, heading, &mut verdicts);
    spare(tree, is_body, &mut verdicts);
    condemn_footers(tree, &mut verdicts);
    for other in others {
        if let Some(verdict) = verdicts.get_mut(other.start) {
            *verdict = Furniture::Surely;
        }
    }
    let surely: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Furniture::Surely).collect();
    let all = blocks(tree, &surely);
    spare_in_sentences(tree, &all, &mut verdicts);
    let shares = Shares::of(tree, &all, &verdicts, heading);
    if let Some(heading) = heading {
        spare_around(tree, heading, &shares, &mut verdicts);
    }
    if let Some(heading) = heading {
        condemn_others(tree, heading, &all, &shares, &mut verdicts);
    }
    let (dropped, lost) = shares.drop(tree, &verdicts);
    // Of what was dropped because it may be furniture the text was more than all that is left.
    if lost.maybe > 2 * (shares.prose.total() - lost.maybe - lost.others) {
        for verdict in verdicts.iter_mut().filter(|verdict| **verdict == Furniture::Maybe) {
            *verdict = Furniture::No;
        }
        return shares.drop(tree, &verdicts).0;
    }
    dropped
}

/// Prose that was dropped.
#[derive(Debug, Default)]
struct Lost {
    /// In what may be furniture and is no teaser of something else.
    maybe: i64,
    others: i64,
}

/// What of a page's prose its elements hold.
struct Shares<'b> {
    prose: Sums<'b>,
    /// Blocks that are links.
    links: Sums<'b>,
    /// The prose outside of readers' comments.
    own: i64,
    /// The prose outside of lists of teasers, and that of it which is outside of comments, too.
    unlisted: Sums<'b>,
    unlisted_own: i64,
    /// What may be furniture, by kind: the prose in all of a kind, how many there are, how many of them lead elsewhere.
    kinds: BTreeMap<String, (i64, usize, usize)>,
}

impl<'b> Shares<'b> {
    fn of(tree: &Tree<'_>, all: &'b [Block], verdicts: &[Furniture], heading: Option<usize>) -> Self {
        let prose = Sums::of(all, said);
        let mut listed = lists(tree, all, 0..tree.node(0).end);
        listed.sort_by_key(|list| list.start);
        let mut listed_end = 0;
        let mut listed = listed.into_iter().peekable();
        let unlisted = Sums::of(all, |block| {
            while let Some(list) = listed.next_if(|list| list.start <= block.first) {
                listed_end = listed_end.max(list.end);
            }
            if block.first < listed_end { 0 } else { said(block) }
        });
        let links = Sums::of(all, |block| i64::from(block.linked * 2 > block.weight));
        let mut shares =
            Self { own: prose.total(), unlisted_own: unlisted.total(), prose, links, unlisted, kinds: BTreeMap::new() };
        let mut comments_end = 0;
        for ((at, node), verdict) in tree.nodes().zip(verdicts) {
            let is_around = || heading.is_some_and(|heading| (at..node.end).contains(&heading));
            if at >= comments_end && *verdict == Furniture::Likely && is_comments(node) && !is_around() {
                comments_end = node.end;
                shares.own -= shares.prose.within(at..node.end);
                shares.unlisted_own -= shares.unlisted.within(at..node.end);
            }
            let within = shares.prose.within(at..node.end);
            if let Some(kind) = kind(node).filter(|_| *verdict == Furniture::Maybe) {
                let leads = shares.leads(at, node);
                let (sum, count, leading) = shares.kinds.entry(kind).or_default();
                (*sum, *count, *leading) = (*sum + within, *count + 1, *leading + usize::from(leads));
            }
        }
        if shares.own <= 0 {
            shares.own = shares.prose.total();
        }
        shares
    }

    /// Whether a line of an element leads elsewhere, as a teaser's does.
    fn leads(&self, at: usize, node: &Node<'_>) -> bool {
        self.links.within(at..node.end) > 0
    }

    /// Whether an element is a list of lines that lead elsewhere.
    fn leads_much(&self, at: usize, node: &Node<'_>) -> bool {
        self.links.within(at..node.end) >= LEADS_MIN
    }

    /// Whether an element holds too little of the prose to be kept.
    fn is_little(&self, tree: &Tree<'_>, at: usize, verdict: Furniture) -> bool {
        let node = &tree.node(at);
        let within = self.prose.within(at..node.end);
        match verdict {
            Furniture::No => false,
            Furniture::Hidden | Furniture::Surely => true,
            Furniture::Likely => {
                let whole = if is_comments(node) { self.prose.total() } else { self.unlisted_own };
                self.unlisted.within(at..node.end) * 100 <= whole * LIKELY_PERCENT
            }
            Furniture::Maybe => {
                let is_part = |(sum, count, leading): &(i64, usize, usize)| {
                    *count > 1 && *leading * 2 < *count && *sum * 100 > self.own * KIND_PERCENT
                };
                let is_below = |percent: i64| within * 100 <= self.own * percent;
                let asks = || {
                    let mut inner = tree.subtree(at).map(|(_, inner)| inner.tag);
                    inner.any(|tag| matches!(tag, Tag::Form | Tag::Input | Tag::Button))
                };
                (is_below(MAYBE_PERCENT) || (is_below(ASKING_PERCENT) && asks()))
                    && (self.leads_much(at, node)
                        || !kind(node).is_some_and(|kind| self.kinds.get(&kind).is_some_and(is_part)))
            }
        }
    }

    fn drop(&self, tree: &Tree<'_>, verdicts: &[Furniture]) -> (Vec<bool>, Lost) {
        let mut dropped = vec![false; verdicts.len()];
        let mut lost = Lost::default();
        let mut skip_to = 0;
        for (((at, node), verdict), dropped) in tree.nodes().zip(verdicts).zip(&mut dropped) {
            if at < skip_to || !self.is_little(tree, at, *verdict) {
                continue;
            }
            *dropped = true;
            skip_to = node.end;
            let prose = self.prose.within(at..node.end);
            if *verdict == Furniture::Maybe && !self.leads(at, node) {
                lost.maybe += prose;
            } else {
                lost.others += prose;
            }
        }
        (dropped, lost)
    }
}

/// What elements of one kind have in common: their tag and classes, those that count them, or say what is in each, aside.
fn kind(node: &Node<'_>) -> Option<String> {
    let classes = node.attributes.raw("class")?;
    let mut kind = node.text.to_ascii_lowercase();
    let name_end = kind.len();
    let is_common = |class: &&str| {
        !class.contains(|c: char| c.is_ascii_digit()) && !PARTS.iter().any(|part| class.starts_with(part))
    };
    for class in classes.split_ascii_whitespace().filter(is_common) {
        kind.push('.');
        kind.push_str(class);
    }
    // One that is known by its number alone is of the kind that the number's name says.
    if kind.len() == name_end {
        kind.push_str(classes.trim_end_matches(|c: char| !c.is_ascii_alphabetic()));
    }
    (kind.len() > name_end).then_some(kind)
}

/// Beginnings of the classes by which `Elementor` tells one part of an article from another: text, heading, list.
const PARTS: [&str; 2] = ["elementor-widget-", "elementor-element-"];

fn is_comments(node: &Node<'_>) -> bool {
    ["class", "id"]
        .iter()
        .filter_map(|name| node.attributes.raw(name))
        .any(|names| has_word(names, &["comment", "comments", "disqus"]))
}

/// Decides on what is hidden: it is read where it holds the article by its heading, name or kind, and most of the prose, which
/// a script shows as soon as it runs. What a page with little to read hides else are its terms and windows.
fn unveil(tree: &Tree<'_>, is_body: &[bool], heading: Option<usize>, verdicts: &mut [Furniture]) {
    let mut hidden: Vec<Range<usize>> = Vec::new();
    let mut skip_to = 0;
    let mut letters = 0;
    for ((at, node), verdict) in tree.nodes().zip(verdicts.iter_mut()).skip(1) {
        let is_past = at >= skip_to;
        if *verdict == Furniture::Surely && is_past {
            skip_to = node.end;
        } else if *verdict == Furniture::Hidden {
            // What is hidden within the hidden is not shown with it.
            if is_past && hidden.last().is_none_or(|last| last.end <= at) {
                hidden.push(at..node.end);
            } else {
                *verdict = Furniture::Surely;
            }
        } else if node.tag == Tag::Text && is_past && hidden.last().is_some_and(|last| at < last.end) {
            letters += node.text.trim().len();
        }
    }
    let shares = (letters >= VEILED_MIN).then(|| {
        let surely: Vec<bool> = verdicts.iter().map(|verdict| *verdict == Furniture::Surely).collect();
        let all = blocks(tree, &surely);
        let prose = Sums::of(&all, said);
        hidden.iter().map(|place| (prose.within(place.clone()), prose.total())).collect::<Vec<_>>()
    });
    let shares = shares.into_iter().flatten().chain(std::iter::repeat((0, 0)));
    for (place, (within, total)) in hidden.iter().zip(shares) {
        let is_most = within * 100 > total * LIKELY_PERCENT;
        let holds_article = || {
            heading.is_some_and(|heading| place.contains(&heading))
                || is_body.get(place.clone()).is_some_and(|named| named.contains(&true))
                || tree.within(place.clone()).any(|(_, node)| matches!(node.tag, Tag::Article | Tag::Main))
                || goes_on(tree, place.start)
                || (within == total && fades_in(tree, place.start, heading))
        };
        if let Some(verdict) = verdicts.get_mut(place.start) {
            *verdict = if is_most && holds_article() { Furniture::No } else { Furniture::Surely };
        }
    }
}

/// Whether what is hidden is the rest of a text: a paragraph of it stands before, beside it.
fn goes_on(tree: &Tree<'_>, at: usize) -> bool {
    let parent = tree.node(at).parent;
    let mut before = tree.within(parent + 1..at).filter(|(_, node)| node.parent == parent && node.tag == Tag::P);
    parent > 0
        && before.any(|(place, _)| tree.subtree(place).any(|(_, node)| node.tag == Tag::Text && is_prose(node.text)))
}

/// Whether what is hidden stands under the heading, beside it, and takes its place on the page: a script is to fade it in.
fn fades_in(tree: &Tree<'_>, at: usize, heading: Option<usize>) -> bool {
    let node = tree.node(at);
    let style = node.attributes.raw("style").unwrap_or_default();
    let is_placed = style.contains("visibility") && !style.contains("none");
    is_placed && heading.is_some_and(|heading| node.parent > 0 && (node.parent..at).contains(&heading))
}

/// Bytes of hidden text that may hold most of a page's prose.
const VEILED_MIN: usize = 60;

/// The prose that a block says.
fn said(block: &Block) -> i64 {
    if block.is_prose() { i64::from(block.weight - block.linked) } else { 0 }
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
        // What opens a part of an article is a button, and stands within its heading.
        if node.tag == Tag::Button && opens(tree, at) {
            spare(at, Furniture::Surely);
        }
        if matches!(node.tag, Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6)
            && let Some(header) = header_of_part(tree, at)
        {
            spare(header, Furniture::Maybe);
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

/// Whether an element is what a heading says.
fn opens(tree: &Tree<'_>, at: usize) -> bool {
    let mut around = tree.ancestors(at).take(FRAMES_MAX).map(|around| tree.node(around).tag);
    around.any(|tag| tag.is_heading() || tag == Tag::Summary)
}

/// The header around a heading, where it has nothing else and stands within an article or a part of one.
fn header_of_part(tree: &Tree<'_>, heading: usize) -> Option<usize> {
    let header = tree.ancestors(heading).take(2).find(|&around| tree.node(around).tag == Tag::Header)?;
    let (header_end, end) = (tree.node(header).end, tree.node(heading).end);
    if header_end - header > HEADER_NODES_MAX {
        return None;
    }
    let is_text = |(_, node): (usize, &Node<'_>)| node.tag == Tag::Text && !node.text.trim().is_empty();
    let mut beside = tree.within(header..heading).chain(tree.within(end..header_end));
    let mut around = tree.ancestors(header).map(|around| tree.node(around).tag);
    let is_part = around.any(|tag| matches!(tag, Tag::Article | Tag::Main | Tag::Section));
    let leads = tree.subtree(heading).any(|(_, inner)| inner.tag == Tag::A);
    let is_bare = judge_veiled(&tree.node(header)) == Furniture::Maybe && !leads && !beside.any(is_text);
    (is_bare && is_part).then_some(header)
}

/// Elements and texts of such a header at most.
const HEADER_NODES_MAX: usize = 24;

/// Takes back verdicts on what holds the heading of the article and much of the prose behind it: what it is named by tells
/// what the article is (a comment, a newsletter), or where it is filed.
fn spare_around(tree: &Tree<'_>, heading: usize, shares: &Shares<'_>, verdicts: &mut [Furniture]) {
    let behind = tree.node(heading).end;
    for around in tree.ancestors(heading) {
        let is_much =
            shares.unlisted.within(behind..tree.node(around).end) * 100 > shares.unlisted_own * HEADED_PERCENT;
        if let Some(verdict) = verdicts.get_mut(around).filter(|verdict| is_much && **verdict <= Furniture::Likely) {
            *verdict = Furniture::No;
        }
    }
}

/// How far a frame may stand around what it frames.
const FRAMES_MAX: usize = 4;

/// What is named as readers' comments, or as a list of other articles, and is that by what it holds, is never the article that stands
/// under the heading, however little else there is to read.
fn condemn_others(tree: &Tree<'_>, heading: usize, all: &[Block], shares: &Shares<'_>, verdicts: &mut [Furniture]) {
    let most = shares.unlisted_own.min(shares.prose.total()) * LIKELY_PERCENT;
    let mut skip_to = 0;
    for ((at, node), verdict) in tree.nodes().zip(verdicts) {
        // What holds little is dropped for its name alone.
        let is_much = || shares.prose.within(at..node.end) * 100 > most;
        let is_around = || (at..node.end).contains(&heading);
        if at < skip_to || *verdict != Furniture::Likely || is_around() || !is_much() {
            continue;
        }
        let is_others = if is_comments(node) {
            let (mut comments_end, mut within) = (at, 0);
            for (inner, comment) in tree.subtree(at).skip(1).filter(|(_, inner)| is_comments(inner)) {
                if inner >= comments_end {
                    comments_end = comment.end;
                    within += shares.prose.within(inner..comment.end);
                }
            }
            within * 100 > shares.prose.within(at..node.end) * COMMENTS_PERCENT
        } else {
            is_named(node, &OTHERS) && is_of_teasers(all, at..node.end)
        };
        if is_others {
            *verdict = Furniture::Surely;
            skip_to = node.end;
        }
    }
}

/// Words in the names of lists of other articles.
const OTHERS: [&str; 14] = [
    "mostpopular",
    "mostread",
    "outbrain",
    "readalso",
    "recirc",
    "recirculation",
    "recommend",
    "recommendations",
    "recommended",
    "related",
    "relatedarticles",
    "relatedposts",
    "taboola",
    "trending",
];
/// What single comments hold of the prose in all that is named as comments, in percent.
const COMMENTS_PERCENT: i64 = 80;

/// The footer of a page is never its article, however little else there is to read. One that holds an article is none.
fn condemn_footers(tree: &Tree<'_>, verdicts: &mut [Furniture]) {
    let mut skip_to = 0;
    for ((at, node), verdict) in tree.nodes().zip(verdicts) {
        if at < skip_to {
            continue;
        }
        let is_article = |tag: Tag| matches!(tag, Tag::Article | Tag::Main);
        if is_article(node.tag) {
            skip_to = node.end;
        } else if node.tag == Tag::Footer && *verdict == Furniture::Likely {
            skip_to = node.end;
            if !tree.subtree(at).any(|(_, inner)| is_article(inner.tag)) {
                *verdict = Furniture::Surely;
            }
        }
    }
}

/// Takes back verdicts on words within a sentence: a class there says what a word is.
fn spare_in_sentences(tree: &Tree<'_>, all: &[Block], verdicts: &mut [Furniture]) {
    for ((at, node), verdict) in tree.nodes().zip(verdicts) {
        if !node.tag.is_inline() || !matches!(verdict, Furniture::Maybe | Furniture::Likely) {
            continue;
        }
        let after = all.partition_point(|block| block.first < at);
        let around = after.checked_sub(1).and_then(|place| all.get(place));
        if around.is_some_and(|block| node.end < block.end) {
            *verdict = judge_in_sentence(node);
        }
    }
}
