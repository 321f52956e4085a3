//! One call, as it is described: what it takes and gives, and which problems it may answer with.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Header, HttpMethod, Ref, RefOr, Required, ResponseBuilder, Schema};

use super::bodies::topic_id;
use crate::model::Scope;
use crate::server::problem::Kind;

/// The name of the security scheme.
pub(super) const BEARER: &str = "bearer";
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const PROBLEM: &str = "application/problem+json";

/// Schemas that are referred to, by name.
pub(super) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// A call in the making.
pub(super) struct Call {
    pub(super) method: HttpMethod,
    /// Below `/v1`.
    pub(super) path: &'static str,
    pub(super) schemas: Schemas,
    scope: Scope,
    problems: Vec<Kind>,
    gives: Vec<(u16, ResponseBuilder)>,
    operation: OperationBuilder,
}

/// A schema that is referred to by its name, with those that it refers to.
fn named<T: ToSchema>(schemas: &mut Schemas) -> Ref {
    let mut within = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut within);
    schemas.extend(within);
    Ref::from_schema_name(T::name())
}

impl Call {
    /// A call that needs this scope.
    pub(super) fn new(
        scope: Scope,
        method: HttpMethod,
        path: &'static str,
        id: &'static str,
        does: &'static str,
    ) -> Self {
        let tag = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let mut call = Self {
            method,
            path,
            schemas: Schemas::new(),
            scope,
            problems: vec![Kind::Unauthorized, Kind::Scope, Kind::TooMany, Kind::Internal, Kind::Busy],
            gives: Vec::new(),
            operation: OperationBuilder::new().operation_id(Some(id)).summary(Some(does)).tag(tag),
        };
        if path.contains("{id}") {
            let id = if tag == "topics" { topic_id() } else { row() };
            call = call.parameter(ParameterIn::Path, "id", id, "Its id.").may(Kind::NotFound);
        }
        call
    }

    fn parameter(self, place: ParameterIn, name: &str, schema: Object, does: &str) -> Self {
        let required = if place == ParameterIn::Path { Required::True } else { Required::False };
        let parameter: Parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(does))
            .schema(Some(schema))
            .build();
        Self { operation: self.operation.parameter(parameter), ..self }
    }

    /// Takes a query parameter.
    pub(super) fn asks(self, name: &str, schema: Object, does: &str) -> Self {
        self.parameter(ParameterIn::Query, name, schema, does).may(Kind::Malformed)
    }

    /// The same, where it must be there.
    pub(super) fn asks_for(self, name: &str, schema: Object, does: &str) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some(does))
            .schema(Some(schema));
        Self { operation: self.operation.parameter(parameter), ..self }.may(Kind::Malformed)
    }

    /// Takes a header.
    fn heeds(self, name: &str, does: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.parameter(ParameterIn::Header, name, text, does)
    }

    /// Takes a body, which a patch may call by its own media type.
    pub(super) fn takes<T: ToSchema>(self) -> Self {
        self.takes_if(&Required::True, named::<T>)
    }

    /// Takes a body that may be left out.
    pub(super) fn may_take<T: ToSchema>(self) -> Self {
        self.takes_if(&Required::False, named::<T>)
    }

    fn takes_if(mut self, required: &Required, named: fn(&mut Schemas) -> Ref) -> Self {
        let content = Content::new(Some(named(&mut self.schemas)));
        let mut body = RequestBodyBuilder::new().required(Some(required.clone())).content(JSON, content.clone());
        if self.method == HttpMethod::Patch {
            body = body.content(MERGE_PATCH, content);
        }
        let operation = self.operation.request_body(Some(body.build()));
        let call = Self { operation, ..self };
        call.may(Kind::Malformed).may(Kind::TooLarge).may(Kind::UnsupportedMediaType).may(Kind::Invalid)
    }

    /// Takes a body that is no JSON, whatever it is called.
    pub(super) fn takes_text(self, what: &str) -> Self {
        let text = Content::new(Some(ObjectBuilder::new().schema_type(Type::String)));
        let body = RequestBodyBuilder::new().required(Some(Required::True)).description(Some(what));
        let body = body.content("text/x-opml", text.clone()).content("text/plain", text);
        let operation = self.operation.request_body(Some(body.build()));
        Self { operation, ..self }.may(Kind::Malformed).may(Kind::TooLarge)
    }

    /// Gives JSON.
    pub(super) fn gives<T: ToSchema>(mut self, status: u16, what: &str) -> Self {
        let content = Content::new(Some(named::<T>(&mut self.schemas)));
        let response = ResponseBuilder::new().description(what).content(JSON, content);
        self.gives.push((status, response));
        self
    }

    /// Gives something else.
    pub(super) fn gives_other(mut self, status: u16, what: &str, media: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let response = ResponseBuilder::new().description(what).content(media, Content::new(Some(text)));
        self.gives.push((status, response));
        self
    }

    /// Gives nothing but its status.
    pub(super) fn done(mut self, what: &str) -> Self {
        self.gives.push((204, ResponseBuilder::new().description(what)));
        self
    }

    /// The answer says where the thing is.
    pub(super) fn located(self) -> Self {
        self.with_header("location", "Its address.")
    }

    /// The answer has the thing's entity tag; a GET is answered 304 where it is known.
    pub(super) fn tagged(self) -> Self {
        let is_get = self.method == HttpMethod::Get;
        let mut call = self.with_header("etag", "Its entity tag: for If-None-Match, and its first half for If-Match.");
        if is_get {
            call = call.heeds("If-None-Match", "Entity tags of what the client has.");
            call.gives.push((304, ResponseBuilder::new().description("It is as the client has it.")));
        }
        call
    }

    /// Is done only while the thing is as the client knows it, where that is asked for.
    pub(super) fn guarded(self) -> Self {
        self.heeds("If-Match", "Entity tags: it is done while one of them is the thing's (412 otherwise).")
            .may(Kind::Stale)
    }

    fn with_header(mut self, name: &str, does: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let mut header = Header::new(text);
        header.description = Some(does.to_owned());
        if let Some((_, response)) = self.gives.last_mut() {
            *response = std::mem::take(response).header(name, header);
        }
        self
    }

    /// May answer with this problem.
    pub(super) fn may(mut self, problem: Kind) -> Self {
        self.problems.push(problem);
        self
    }

    /// The description.
    pub(super) fn finish(self) -> (HttpMethod, String, Operation, Schemas) {
        let mut operation = self.operation.security(SecurityRequirement::new(BEARER, [self.scope.label()]));
        for (status, response) in self.gives {
            operation = operation.response(status.to_string(), response);
        }
        let mut problems: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for kind in self.problems {
            let titles = problems.entry(kind.status().as_u16()).or_default();
            if !titles.contains(&kind.title()) {
                titles.push(kind.title());
            }
        }
        for (status, titles) in problems {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new().description(titles.join(", or: ")).content(PROBLEM, content);
            operation = operation.response(status.to_string(), response);
        }
        (self.method, format!("/v1{}", self.path), operation.build(), self.schemas)
    }
}

/// A number of a thing.
fn row() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build()
}

/// A place in a list or a log.
pub(super) fn place() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build()
}
