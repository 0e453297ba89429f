//! The window. It shows the engine's snapshot and sends it commands; it holds no socket, no pipeline, no lock.
