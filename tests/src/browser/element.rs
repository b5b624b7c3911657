//! Things on a page, by the role and the name that a screen reader says: what cannot be
//! found like this, not everybody can find.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::{Key, Page};
use crate::poll;

/// More than any page has of things that can be chosen: then walking goes in circles.
const LONGEST_WALK: usize = 400;

/// Something on a page that has a role and a name.
pub struct Element<'p> {
    page: &'p Page<'p>,
    /// The browser's number of its node.
    node: i64,
    /// As in ARIA: `link`, `button`, `textbox`.
    pub role: String,
    /// What a screen reader says of it.
    pub name: String,
}

impl<'b> Page<'b> {
    /// The one thing of this role and name, which may still have to come.
    ///
    /// # Errors
    /// If there are several, or none comes; then those of the role are named.
    pub fn find(&'b self, role: &str, name: &str) -> anyhow::Result<Element<'b>> {
        let what = format!("{role} “{name}”");
        let found = poll::until(&what, || {
            let mut found = self.find_all(role)?;
            found.retain(|found| found.name == name);
            ensure!(found.len() < 2, "{} of {what}", found.len());
            Ok(found.pop())
        });
        found.with_context(|| match self.find_all(role) {
            Ok(others) => format!("there are {:?}", names(&others)),
            Err(fault) => fault.to_string(),
        })
    }

    /// All that has this role, in the order of the page.
    ///
    /// # Errors
    /// If the browser does not say.
    pub fn find_all(&'b self, role: &str) -> anyhow::Result<Vec<Element<'b>>> {
        self.query(None, role)
    }

    fn query(&'b self, within: Option<i64>, role: &str) -> anyhow::Result<Vec<Element<'b>>> {
        let node = within.map_or_else(|| self.document(), Ok)?;
        let asked = json!({ "backendNodeId": node, "role": role });
        let found = self.call("Accessibility.queryAXTree", &asked)?;
        let nodes = found["nodes"].as_array().into_iter().flatten();
        let shown = nodes.filter(|node| node["ignored"] != true);
        shown.map(|node| self.element(node)).collect()
    }

    fn document(&self) -> anyhow::Result<i64> {
        let document = self.call("DOM.getDocument", &json!({ "depth": 0 }))?;
        document["root"]["backendNodeId"].as_i64().context("a document")
    }

    fn element(&'b self, node: &Value) -> anyhow::Result<Element<'b>> {
        let text = |key: &str| node[key]["value"].as_str().unwrap_or_default().to_owned();
        let number = node["backendDOMNodeId"].as_i64().context("a node")?;
        Ok(Element { page: self, node: number, role: text("role"), name: text("name") })
    }

    /// What has the focus.
    ///
    /// # Errors
    /// If the browser does not say.
    pub fn focused(&'b self) -> anyhow::Result<Element<'b>> {
        let asked = json!({ "expression": "document.activeElement" });
        let active = self.call("Runtime.evaluate", &asked)?;
        let asked = json!({ "objectId": active["result"]["objectId"], "fetchRelatives": false });
        let tree = self.call("Accessibility.getPartialAXTree", &asked)?;
        self.element(&tree["nodes"][0])
    }

    /// Presses Tab until this has the focus, and sees that the focus can be seen all along.
    ///
    /// # Errors
    /// If it is never reached, or something on the way does not show that it has the focus.
    pub fn walk_to(&'b self, role: &str, name: &str) -> anyhow::Result<Element<'b>> {
        let mut passed = Vec::new();
        for _ in 0..LONGEST_WALK {
            self.press(Key::Tab)?;
            let focused = self.focused()?;
            let shown =
                focused.call("function () { return getComputedStyle(this).outlineStyle }")?;
            ensure!(shown != "none", "{} “{}” has the focus unseen", focused.role, focused.name);
            if focused.role == role && focused.name == name {
                return Ok(focused);
            }
            passed.push(format!("{} “{}”", focused.role, focused.name));
        }
        passed.truncate(60);
        bail!("no way by keyboard to {role} “{name}”: {}", passed.join(", "))
    }
}

impl<'p> Element<'p> {
    /// All within it that has this role, in the order of the page.
    ///
    /// # Errors
    /// If the browser does not say.
    pub fn find_all(&self, role: &str) -> anyhow::Result<Vec<Element<'p>>> {
        self.page.query(Some(self.node), role)
    }

    /// Its text, as it is shown.
    ///
    /// # Errors
    /// If the browser does not say.
    pub fn text(&self) -> anyhow::Result<String> {
        let text = self.call("function () { return this.innerText }")?;
        Ok(text.as_str().context("a text")?.to_owned())
    }

    /// What is typed in it.
    ///
    /// # Errors
    /// If the browser does not say.
    pub fn value(&self) -> anyhow::Result<String> {
        let value = self.call("function () { return this.value }")?;
        Ok(value.as_str().context("a value")?.to_owned())
    }

    /// Clicks or taps in its middle, after it was scrolled into view.
    ///
    /// # Errors
    /// If it cannot be seen.
    pub fn click(&self) -> anyhow::Result<()> {
        let node = json!({ "backendNodeId": self.node });
        self.page.call("DOM.scrollIntoViewIfNeeded", &node)?;
        let quads = self.page.call("DOM.getContentQuads", &node)?;
        let corners: Vec<f64> = serde_json::from_value(quads["quads"][0].clone())
            .with_context(|| format!("{} “{}” takes no place", self.role, self.name))?;
        let middle = |from: usize| corners.iter().skip(from).step_by(2).sum::<f64>() / 4.0;
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let event = json!({
                "type": kind, "x": middle(0), "y": middle(1), "button": "left",
                "buttons": buttons, "clickCount": 1,
            });
            self.page.call("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Puts the focus here and types over what is there.
    ///
    /// # Errors
    /// If it cannot have the focus.
    pub fn write(&self, text: &str) -> anyhow::Result<()> {
        self.focus()?;
        self.call("function () { this.select && this.select() }")?;
        self.page.write(text)
    }

    /// Puts the focus here.
    ///
    /// # Errors
    /// If it cannot have it.
    pub fn focus(&self) -> anyhow::Result<()> {
        self.page.call("DOM.focus", &json!({ "backendNodeId": self.node }))?;
        Ok(())
    }

    /// Chooses files in an input for files.
    ///
    /// # Errors
    /// If it is none.
    pub fn upload(&self, files: &[&Path]) -> anyhow::Result<()> {
        let files = json!({ "files": files, "backendNodeId": self.node });
        self.page.call("DOM.setFileInputFiles", &files)?;
        Ok(())
    }

    /// Calls a function with this thing as `this`.
    ///
    /// # Errors
    /// What it throws.
    pub fn call(&self, function: &str) -> anyhow::Result<Value> {
        let this = self.page.call("DOM.resolveNode", &json!({ "backendNodeId": self.node }))?;
        let asked = json!({
            "functionDeclaration": function,
            "objectId": this["object"]["objectId"],
            "returnByValue": true,
        });
        let mut answer = self.page.call("Runtime.callFunctionOn", &asked)?;
        let thrown = &answer["exceptionDetails"];
        ensure!(thrown.is_null(), "{thrown}");
        Ok(answer["result"]["value"].take())
    }
}

/// The names of things.
fn names<'a>(elements: &'a [Element]) -> Vec<&'a str> {
    elements.iter().map(|element| element.name.as_str()).collect()
}
