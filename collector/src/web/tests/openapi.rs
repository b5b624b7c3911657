//! The document and the answers say the same: every route is documented, every
//! documented path answers, and every answer has exactly the documented properties.

use std::collections::BTreeSet;

use serde_json::Value;

use super::example::decided;
use super::{get, get_of};
use crate::web::{api, health, public};

fn document() -> Value {
    serde_json::from_str(api::OPENAPI).unwrap()
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_route_is_documented() {
    let routes = api::routes().into_iter().chain([health()]).map(|(path, _)| path.to_owned());
    // A path that goes on to the end is a parameter like others to OpenAPI.
    let published = public::PATHS.map(|path| path.replace("{*", "{"));
    let routes: BTreeSet<_> = routes.chain(published).collect();
    assert_eq!(keys(&document()["paths"]), routes.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn every_documented_path_answers_as_documented() {
    let document = document();
    for (path, code) in [
        ("/api/v1/election", ""),
        ("/api/v1/regions/{code}", "0"),
        ("/api/v1/regions/{code}", "11"),
        ("/api/v1/regions/{code}", "2"),
        ("/api/v1/stations/{code}", "11001"),
        ("/api/v1/stations/{code}", "11002"),
        ("/api/v1/stations/{code}", "12001"),
        ("/api/v1/stations/{code}", "21001"),
        (api::OPENAPI_PATH, ""),
    ] {
        let answer = get(&path.replace("{code}", code)).await;
        assert_eq!(answer.status, 200, "{path}");
        let responses = &document["paths"][path]["get"]["responses"];
        let schema = &responses["200"]["content"]["application/json"]["schema"];
        Check { document: &document }.value(&answer.json(), schema, path);
    }
    for (path, code) in [("election", ""), ("regions/{code}", "0"), ("stations/{code}", "11001")]
        .into_iter()
        .chain(["11002", "12001", "21001", "21002"].map(|code| ("stations/{code}", code)))
    {
        let path = format!("/api/v1/{path}");
        let answer = get_of(decided(), &path.replace("{code}", code), "").await;
        let responses = &document["paths"][&path]["get"]["responses"];
        let schema = &responses["200"]["content"]["application/json"]["schema"];
        Check { document: &document }.value(&answer.json(), schema, &path);
    }
    let error = get("/api/v1/regions/99").await.json();
    let schema = &document["components"]["schemas"]["Error"];
    Check { document: &document }.value(&error, schema, "error");
}

/// As much of JSON Schema as the document uses.
struct Check<'a> {
    document: &'a Value,
}

impl Check<'_> {
    fn value(&self, value: &Value, schema: &Value, at: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(reference.trim_start_matches('#'));
            return self.value(value, target.expect(reference), at);
        }
        if let Some(either) = schema["oneOf"].as_array() {
            if !value.is_null() {
                self.value(value, &either[0], at);
            }
            return;
        }
        assert!(has_type(value, &schema["type"]), "{at}: {value} is no {}", schema["type"]);
        if let Some(allowed) = schema["enum"].as_array() {
            assert!(allowed.contains(value), "{at}: {value} is none of {allowed:?}");
        }
        match value {
            Value::Object(_) => self.object(value, schema, at),
            Value::Array(elements) => {
                elements.iter().for_each(|element| self.value(element, &schema["items"], at));
            }
            _ => {}
        }
    }

    fn object(&self, object: &Value, schema: &Value, at: &str) {
        let below = |key: &str| format!("{at}/{key}");
        if let Some(required) = schema["required"].as_array() {
            let required = required.iter().map(|key| key.as_str().unwrap()).collect();
            assert_eq!(keys(object), required, "{at}");
            for (key, property) in schema["properties"].as_object().unwrap() {
                self.value(&object[key], property, &below(key));
            }
        } else if schema["additionalProperties"].is_object() {
            for (key, value) in object.as_object().unwrap() {
                self.value(value, &schema["additionalProperties"], &below(key));
            }
        }
    }
}

fn has_type(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => false,
    }
}
