//! A small X client: windows of one colour.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux,
    PropMode, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub const WHITE: u32 = 0xff_ffff;
pub const BLACK: u32 = 0;
pub const GREEN: u32 = 0x00_ff00;

/// Luma of pure green (BT.709, limited range).
pub const GREEN_LUMA: u8 = 173;

pub struct Painter {
    connection: RustConnection,
    root: Window,
}

impl Painter {
    pub fn new() -> Self {
        let (connection, screen) = x11rb::connect(None).unwrap();
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    /// Opens a window without a frame: x, y, width, height.
    pub fn window(&self, place: (i16, i16, u16, u16), colour: u32) -> Window {
        let id = self.connection.generate_id().unwrap();
        let (x, y, width, height) = place;
        let aux = CreateWindowAux::new()
            .background_pixel(colour)
            .override_redirect(1);
        self.connection
            .create_window(
                0,
                id,
                self.root,
                x,
                y,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                0,
                &aux,
            )
            .unwrap();
        self.connection.map_window(id).unwrap();
        self.connection.sync().unwrap();
        id
    }

    pub fn paint(&self, window: Window, colour: u32) {
        let aux = ChangeWindowAttributesAux::new().background_pixel(colour);
        self.connection
            .change_window_attributes(window, &aux)
            .unwrap();
        self.connection
            .clear_area(false, window, 0, 0, 0, 0)
            .unwrap();
        self.connection.sync().unwrap();
    }

    pub fn resize(&self, window: Window, width: u32, height: u32) {
        let aux = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(window, &aux).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn raise(&self, window: Window) {
        let aux = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.connection.configure_window(window, &aux).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn hide(&self, window: Window) {
        self.connection.unmap_window(window).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn show(&self, window: Window) {
        self.connection.map_window(window).unwrap();
        self.connection.sync().unwrap();
    }

    pub fn close(&self, window: Window) {
        self.connection.destroy_window(window).unwrap();
        self.connection.sync().unwrap();
    }

    /// Moves the mouse pointer.
    pub fn point(&self, x: i16, y: i16) {
        self.connection
            .warp_pointer(x11rb::NONE, self.root, 0, 0, 0, 0, x, y)
            .unwrap();
        self.connection.sync().unwrap();
    }

    /// Lists windows as a window manager does, with their titles.
    pub fn list(&self, windows: &[(Window, &str)]) {
        let ids: Vec<_> = windows.iter().map(|(id, _)| *id).collect();
        let list = self.atom("_NET_CLIENT_LIST");
        let window = AtomEnum::WINDOW;
        self.connection
            .change_property32(PropMode::REPLACE, self.root, list, window, &ids)
            .unwrap();
        let (name, utf8) = (self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"));
        for (id, title) in windows {
            self.connection
                .change_property8(PropMode::REPLACE, *id, name, utf8, title.as_bytes())
                .unwrap();
        }
        self.connection.sync().unwrap();
    }

    fn atom(&self, name: &str) -> u32 {
        let atom = self.connection.intern_atom(false, name.as_bytes()).unwrap();
        atom.reply().unwrap().atom
    }
}
