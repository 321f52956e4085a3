//! The description as a whole.

use utoipa::PartialSchema as _;
use utoipa::openapi::path::{PathItem, Paths};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, RefOr};

use super::operation::{BEARER, Schemas};
use super::operations;
use crate::server::problem;

/// Fields that are left out where they say nothing; all others of an answer are always there, `null` if need be.
const LEFT_OUT: [(&str, &str); 5] = [
    ("Source", "schedule"),
    ("Notification", "payload"),
    ("Problem", "errors"),
    ("FieldError", "pointer"),
    ("FieldError", "parameter"),
];

/// The API's description.
pub(in crate::server) fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut schemas = Schemas::from([
        ("Problem".to_owned(), problem::Body::schema()),
        ("FieldError".to_owned(), problem::FieldError::schema()),
    ]);
    for call in operations::all() {
        let (method, path, operation, own) = call.finish();
        let item = PathItem::new(method, operation);
        match paths.paths.get_mut(&path) {
            Some(there) => there.merge_operations(item),
            None => {
                paths.paths.insert(path, item);
            }
        }
        schemas.extend(own);
    }
    for (name, schema) in &mut schemas {
        require_all(name, schema);
    }
    let mut components = Components::new();
    components.schemas = schemas;
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token, by `tidings token add` or of the configuration. Its scope is `read`, `write` or `admin`, each of which includes \
             those before it; an operation names the one that it needs.",
        ))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let about = "What is watched, what happened, who is told, and why. Clients ignore fields that they don't know: more may come. \
                 Problems are those of RFC 9457.";
    let info = InfoBuilder::new().title("tidings").version(env!("CARGO_PKG_VERSION")).description(Some(about)).build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

/// Says of an answer's schema that its fields are always there. Bodies, which allow no others, say themselves which must be.
fn require_all(name: &str, schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    if object.additional_properties.is_some() || object.properties.is_empty() {
        return;
    }
    object.required =
        object.properties.keys().filter(|field| !LEFT_OUT.contains(&(name, field.as_str()))).cloned().collect();
}
