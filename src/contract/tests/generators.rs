//! Generators of schemas know JSON, not how values travel.

use serde_json::json;

use super::{integer, misfit};

#[test]
fn what_generators_of_schemas_write_in_other_ways_fits() {
    let binary = || json!({ "type": "string", "x-callgate-type": "binary" });
    let bytes = || json!({ "type": "array", "items": integer("uint8") });
    let record = || {
        let properties = json!({ "x": integer("int32"), "y": integer("int16") });
        json!({ "type": "object", "properties": properties, "required": ["x", "y"] })
    };
    let digits = || {
        json!({
            "type": "object",
            "additionalProperties": false,
            "patternProperties": { "^\\d+$": integer("int32") },
        })
    };
    let numbered = |values: &str| {
        json!({
            "type": "object",
            "additionalProperties": integer(values),
            "x-callgate-keys": integer("int32"),
        })
    };
    let mut tagged = record();
    tagged["$ref"] = json!("#/components/schemas/Other");
    let several = json!({ "type": "object", "properties": {}, "allOf": [record(), record()] });
    let fitting = [
        (bytes(), binary()),
        (binary(), bytes()),
        (digits(), numbered("int64")),
        (numbered("int8"), digits()),
        (json!({ "type": "string" }), tagged),
        (several, record()),
    ];
    for (giver, taker) in fitting {
        assert_eq!(misfit(giver.clone(), taker.clone()), None, "{giver} -> {taker}");
    }
    let found = misfit(digits(), numbered("int16"));
    let expected = "I.M, parameter 1 (p), its values: int32 here, int16 at the host";
    assert_eq!(found.as_deref(), Some(expected));
}
