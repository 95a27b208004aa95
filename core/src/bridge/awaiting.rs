//! What user code waits for, by slot; a generation tells a late completion from one for the next user.

use super::operation::Operation;
use crate::engine::Token;
use pyo3::Py;

#[derive(Default)]
struct Slot {
    generation: u32,
    waiting: Option<Py<Operation>>,
}

#[derive(Default)]
pub struct Awaiting {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Awaiting {
    pub fn insert(&mut self, operation: Py<Operation>) -> Token {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            self.slots.len() as u32 - 1
        });
        let entry = &mut self.slots[slot as usize];
        entry.generation = entry.generation.wrapping_add(1);
        entry.waiting = Some(operation);
        Token { slot, generation: entry.generation }
    }

    /// Who waits for `token`, if anybody still does.
    pub fn take(&mut self, token: Token) -> Option<Py<Operation>> {
        let entry = self.slots.get_mut(token.slot as usize)?;
        if entry.generation != token.generation {
            return None;
        }
        let waiting = entry.waiting.take()?;
        self.free.push(token.slot);
        Some(waiting)
    }
}
