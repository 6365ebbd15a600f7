use serde_json::json;

use super::Picture;

/// Things, relations, and for a blast radius its center and owners.
pub fn text(picture: &Picture) -> String {
    let things = &picture.relations.things;
    let relations: Vec<serde_json::Value> = picture
        .relations
        .relations
        .iter()
        .map(|one| {
            json!({
                "from": things[one.from].address,
                "to": things[one.to].address,
                "from_index": one.from,
                "to_index": one.to,
                "fields": one.fields,
                "sort": one.sort,
            })
        })
        .collect();
    let blast = picture.blast.as_ref().map(|blast| {
        let owners: Vec<serde_json::Value> =
            blast.owners.iter().map(|(owner, count)| json!({ "owner": owner, "resources": count })).collect();
        json!({
            "resource": things[blast.center].address,
            "size": blast.owners.values().sum::<usize>(),
            "owners": owners,
        })
    });
    let document = json!({
        "version": 1,
        "tool": env!("CARGO_PKG_VERSION"),
        "things": things,
        "relations": relations,
        "blast_radius": blast,
    });
    format!("{document:#}\n")
}
