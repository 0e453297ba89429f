//! Plain JavaScript objects, read and written field by field.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// An object being written.
pub(crate) struct Writer(Object);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(Object::new())
    }

    /// An object with a `type`, as events and actions have.
    pub(crate) fn of_type(name: &str) -> Self {
        Self::new().with("type", name)
    }

    pub(crate) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    /// Counts and bytes: JavaScript's numbers are exact up to 2^53.
    pub(crate) fn number(self, name: &str, value: impl TryInto<i64>) -> Self {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.with(name, value as f64)
    }

    pub(crate) fn bytes(self, name: &str, value: &[u8]) -> Self {
        self.with(name, Uint8Array::from(value))
    }

    pub(crate) fn finish(self) -> JsValue {
        self.0.into()
    }
}

/// An object being read. Errors name the field.
pub(crate) struct Reader<'a>(pub(crate) &'a JsValue);

impl Reader<'_> {
    fn field(&self, name: &str) -> JsValue {
        Reflect::get(self.0, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, String> {
        self.field(name)
            .as_string()
            .ok_or_else(|| format!("'{name}' must be a string"))
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, String> {
        self.field(name)
            .as_f64()
            .filter(|number| number.is_finite() && *number >= 0.0)
            .map(|number| number as u64)
            .ok_or_else(|| format!("'{name}' must be a number"))
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        self.field(name)
            .dyn_into::<Uint8Array>()
            .map(|bytes| bytes.to_vec())
            .map_err(|_| format!("'{name}' must be a Uint8Array"))
    }
}
