//! Which elements there are, and what of them matters to a reader of text.

/// Names an element each; the lower-case name is the literal.
macro_rules! tags {
    ($($tag:ident $name:literal)*) => {
        /// An element's kind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub(in crate::page) enum Tag {
            /// What holds the whole document.
            Root,
            /// Not an element: a run of text.
            Text,
            /// An element that is not in this list.
            #[default]
            Other,
            $(#[doc = concat!("`", $name, "`.")] $tag,)*
        }

        impl Tag {
            /// Gives the kind of an element by its name, in any case.
            pub(super) fn of(name: &str) -> Self {
                // The longest name in the list has ten letters.
                let mut lower = [0_u8; 10];
                let Some(lower) = lower.get_mut(..name.len()) else { return Self::Other };
                lower.copy_from_slice(name.as_bytes());
                lower.make_ascii_lowercase();
                match std::str::from_utf8(lower) {
                    $(Ok($name) => Self::$tag,)*
                    _ => Self::Other,
                }
            }
        }
    };
}

tags! {
    A "a" Abbr "abbr" Acronym "acronym" Address "address" Area "area" Article "article" Aside "aside" Audio "audio"
    B "b" Base "base" Bdi "bdi" Bdo "bdo" Big "big" Blockquote "blockquote" Body "body" Br "br" Button "button"
    Canvas "canvas" Caption "caption" Center "center" Cite "cite" Code "code" Col "col" Colgroup "colgroup"
    Data "data" Dd "dd" Del "del" Details "details" Dfn "dfn" Dialog "dialog" Dir "dir" Div "div" Dl "dl" Dt "dt"
    Em "em" Embed "embed" Fieldset "fieldset" Figcaption "figcaption" Figure "figure" Font "font" Footer "footer"
    Form "form" H1 "h1" H2 "h2" H3 "h3" H4 "h4" H5 "h5" H6 "h6" Head "head" Header "header" Hgroup "hgroup" Hr "hr"
    Html "html" I "i" Iframe "iframe" Img "img" Input "input" Ins "ins" Kbd "kbd" Label "label" Legend "legend"
    Li "li" Link "link" Main "main" Map "map" Mark "mark" Menu "menu" Meta "meta" Nav "nav" Nobr "nobr"
    Noembed "noembed" Noframes "noframes" Noscript "noscript" Object "object" Ol "ol" Optgroup "optgroup"
    Option "option" P "p" Param "param" Picture "picture" Pre "pre" Q "q" S "s" Samp "samp" Script "script"
    Section "section" Select "select" Small "small" Source "source" Span "span" Strike "strike" Strong "strong"
    Style "style" Sub "sub" Summary "summary" Sup "sup" Svg "svg" Table "table" Tbody "tbody" Td "td"
    Template "template" Textarea "textarea" Tfoot "tfoot" Th "th" Thead "thead" Time "time" Title "title" Tr "tr"
    Track "track" Tt "tt" U "u" Ul "ul" Var "var" Video "video" Wbr "wbr" Xmp "xmp"
}

impl Tag {
    /// Never holds anything.
    pub(super) fn is_void(self) -> bool {
        use Tag::{Area, Base, Br, Col, Embed, Hr, Img, Input, Link, Meta, Param, Source, Track, Wbr};
        matches!(self, Area | Base | Br | Col | Embed | Hr | Img | Input | Link | Meta | Param | Source | Track | Wbr)
    }

    /// Holds text only: `<` starts nothing in it but its own end tag.
    pub(super) fn is_raw(self) -> bool {
        use Tag::{Iframe, Noembed, Noframes, Script, Style, Textarea, Title, Xmp};
        matches!(self, Iframe | Noembed | Noframes | Script | Style | Textarea | Title | Xmp)
    }

    /// Stands within a line of text.
    pub(in crate::page) fn is_inline(self) -> bool {
        use Tag::{
            A, Abbr, Acronym, B, Bdi, Bdo, Big, Cite, Code, Data, Del, Dfn, Em, Font, I, Ins, Kbd, Label, Mark, Nobr,
            Q, S, Samp, Small, Span, Strike, Strong, Sub, Sup, Time, Tt, U, Var,
        };
        matches!(
            self,
            A | Abbr
                | Acronym
                | B
                | Bdi
                | Bdo
                | Big
                | Cite
                | Code
                | Data
                | Del
                | Dfn
                | Em
                | Font
                | I
                | Ins
                | Kbd
                | Label
                | Mark
                | Nobr
                | Q
                | S
                | Samp
                | Small
                | Span
                | Strike
                | Strong
                | Sub
                | Sup
                | Time
                | Tt
                | U
                | Var
        )
    }

    /// Stands on lines of its own; where it starts, an open paragraph ends.
    pub(in crate::page) fn is_block(self) -> bool {
        use Tag::{
            Address, Article, Aside, Blockquote, Caption, Center, Dd, Details, Dialog, Dir, Div, Dl, Dt, Fieldset,
            Figcaption, Figure, Footer, Form, Header, Hgroup, Hr, Legend, Li, Main, Menu, Nav, Ol, P, Pre, Section,
            Summary, Table, Tbody, Tfoot, Thead, Tr, Ul,
        };
        self.is_heading()
            || matches!(
                self,
                Address
                    | Article
                    | Aside
                    | Blockquote
                    | Caption
                    | Center
                    | Dd
                    | Details
                    | Dialog
                    | Dir
                    | Div
                    | Dl
                    | Dt
                    | Fieldset
                    | Figcaption
                    | Figure
                    | Footer
                    | Form
                    | Header
                    | Hgroup
                    | Hr
                    | Legend
                    | Li
                    | Main
                    | Menu
                    | Nav
                    | Ol
                    | P
                    | Pre
                    | Section
                    | Summary
                    | Table
                    | Tbody
                    | Tfoot
                    | Thead
                    | Tr
                    | Ul
            )
    }

    /// A heading.
    pub(in crate::page) fn is_heading(self) -> bool {
        matches!(self, Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6)
    }

    /// Has attributes but never furniture's names.
    pub(in crate::page) fn is_bare(self) -> bool {
        self.is_void() || matches!(self, Tag::Text | Tag::Root | Tag::Html | Tag::Head | Tag::Body)
    }

    /// A table's cell.
    pub(in crate::page) fn is_cell(self) -> bool {
        matches!(self, Tag::Td | Tag::Th)
    }

    /// Through which an end tag doesn't reach, a table's own aside (HTML, "has an element in scope").
    pub(super) fn is_wall(self) -> bool {
        matches!(self, Tag::Root | Tag::Table | Tag::Td | Tag::Th | Tag::Caption | Tag::Template)
    }
}
