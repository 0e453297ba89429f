//! The engine's task: takes commands, and publishes a snapshot whenever something that it shows has changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use swarm::Details;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::encoder_search::{self, EncoderSearch};
use super::hints::{self, Circumstances, Notice};
use super::journal::Journal;
use super::moving;
use super::on_air::OnAir;
use super::program::Program;
use super::recordings::Recordings;
use super::station::Station;
use super::{Choices, Command, Hint, Listed, Phase, Snapshot};
use crate::capture::{
    Capture, CaptureState, DeviceList, Devices, Input, Overlay, PictureFormat, PreviewFrame,
    SoundLevel,
};
use crate::recording::{RecordingError, RecordingOptions};
use crate::seeder::{DriverStats, NetworkOptions};
use crate::segmenter::{Bitrate, Encoding, Output};
use crate::server::{Listen, ServerOptions};
use crate::texts::Message;

/// Commands that wait. A person presses fewer in the second that the slowest of them takes.
const COMMAND_QUEUE: usize = 32;
/// How often durations, links and hints are looked at anew.
const REFRESH: Duration = Duration::from_secs(1);
/// An encoder that fails again within this time would fail for ever.
const FAILS_AGAIN_WITHIN: Duration = Duration::from_secs(10);

/// What the engine is told at its start.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// What is picked at first.
    pub choices: Choices,
    /// Where the channel's key is kept.
    pub config_folder: PathBuf,
    /// Whether what is picked is remembered there for the next start.
    pub remember: bool,
    /// Whether somebody looks at preview frames.
    pub preview: bool,
    /// Where the embedded server listens.
    pub server: ServerOptions,
    /// From where peers are reached.
    pub network: NetworkOptions,
}

/// A running engine. It ends after [`Command::Quit`], or when every sender of commands is gone.
#[derive(Debug)]
pub struct Engine {
    commands: mpsc::Sender<Command>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Starts the engine, which opens the picked source at once and goes live when it is told.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn start(options: EngineOptions) -> Self {
        let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
        let running = Running::new(options);
        let (sender, snapshots) = watch::channel(Arc::new(running.snapshot()));
        Self {
            commands,
            snapshots,
            task: tokio::spawn(running.run(inbox, sender)),
        }
    }

    /// Where commands go.
    pub fn commands(&self) -> mpsc::Sender<Command> {
        self.commands.clone()
    }

    /// The newest snapshot. The sender is gone when the engine has ended.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Ends a broadcast if there is one, and everything else, and waits for it: some seconds at most.
    pub async fn quit(self) {
        // An engine that takes no commands has ended already.
        let _ = self.commands.send(Command::Quit).await;
        drop(self.commands);
        // A panic in the task has been shown by its hook.
        let _ = self.task.await;
    }
}

/// The task's state.
struct Running {
    options: EngineOptions,
    program: Arc<Program>,
    capture: Capture,
    /// Kept because it follows what is plugged in and out.
    _device_list: DeviceList,
    capture_state: watch::Receiver<CaptureState>,
    preview: watch::Receiver<Option<Arc<PreviewFrame>>>,
    sound_level: watch::Receiver<SoundLevel>,
    devices: watch::Receiver<Devices>,
    station: Option<Station>,
    /// Whether another port was chosen since it was opened.
    is_station_old: bool,
    stats: watch::Receiver<Arc<DriverStats>>,
    on_air: Option<OnAir>,
    /// While a command is being carried out that takes a moment.
    between: Option<Phase>,
    recordings: Recordings,
    encoder_search: EncoderSearch,
    encoders: watch::Receiver<encoder_search::Found>,
    notices: Vec<Notice>,
    dropping: hints::Dropping,
    journal: Journal,
}

/// What of all that is awaited has happened.
enum Happening {
    Command(Option<Command>),
    Output(Option<Output>),
    Counters,
    Refresh,
    Visible,
}

impl Running {
    fn new(options: EngineOptions) -> Self {
        let program = Arc::new(Program::default());
        let Choices {
            input,
            overlay,
            encoding,
            ..
        } = &options.choices;
        let receiver = Arc::clone(&program);
        let capture = Capture::start(input.clone(), format(encoding), receiver, options.preview);
        capture.set_overlay(overlay);
        let device_list = DeviceList::watch();
        let encoder_search = EncoderSearch::new();
        // Until there is a station, nothing is counted, and nobody waits for it to be.
        let (_, stats) = watch::channel(Arc::default());
        Self {
            capture_state: capture.states(),
            preview: capture.preview(),
            sound_level: program.levels(),
            devices: device_list.devices(),
            _device_list: device_list,
            program,
            capture,
            station: None,
            is_station_old: false,
            stats,
            on_air: None,
            between: None,
            recordings: Recordings::default(),
            encoders: encoder_search.found(),
            encoder_search,
            notices: Vec::new(),
            dropping: hints::Dropping::default(),
            journal: Journal::begin(std::time::Instant::now()),
            options,
        }
    }

    async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        snapshots: watch::Sender<Arc<Snapshot>>,
    ) {
        let mut refresh = interval(REFRESH);
        refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            match self.next(&mut commands, &mut refresh).await {
                Happening::Command(Some(Command::Quit) | None) => break,
                Happening::Command(Some(command)) => self.obey(command, &snapshots).await,
                Happening::Output(output) => self.take_output(output, &snapshots).await,
                Happening::Counters => {
                    let stats = Arc::clone(&self.stats.borrow_and_update());
                    if let Some(on_air) = &mut self.on_air {
                        on_air.count(&stats);
                    }
                }
                Happening::Refresh => {
                    self.program.look_at_the_meter();
                    let dropped = self.on_air.as_ref().map(OnAir::dropped_frames);
                    self.dropping.look(Instant::now(), dropped.unwrap_or(0));
                    if let Some(on_air) = &mut self.on_air {
                        on_air.note(&self.stats.borrow());
                    }
                    if let Some(station) = &mut self.station {
                        station.look_where_we_are();
                        station.look_who_downloads().await;
                    }
                    self.list();
                }
                Happening::Visible => {}
            }
            self.publish(&snapshots);
        }
        self.stop(&snapshots).await;
        if let Some(station) = self.station.take() {
            station.close().await;
        }
        let search = std::mem::replace(&mut self.encoder_search, EncoderSearch::new());
        search.close().await;
        // Closing devices waits for their threads.
        let closing = tokio::task::spawn_blocking(move || drop(self));
        let _ = closing.await;
    }

    async fn next(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        refresh: &mut tokio::time::Interval,
    ) -> Happening {
        let on_air = &mut self.on_air;
        let output = async {
            match on_air {
                Some(on_air) => on_air.next_output().await,
                None => std::future::pending().await,
            }
        };
        // A receiver whose sender is gone has nothing more to say; it must not be asked in a circle.
        tokio::select! {
            command = commands.recv() => Happening::Command(command),
            output = output => Happening::Output(output),
            Ok(()) = self.stats.changed() => Happening::Counters,
            Ok(()) = self.capture_state.changed() => Happening::Visible,
            Ok(()) = self.preview.changed() => Happening::Visible,
            Ok(()) = self.sound_level.changed() => Happening::Visible,
            Ok(()) = self.devices.changed() => Happening::Visible,
            Ok(()) = self.encoders.changed() => Happening::Visible,
            _ = refresh.tick() => Happening::Refresh,
        }
    }

    async fn obey(&mut self, command: Command, snapshots: &watch::Sender<Arc<Snapshot>>) {
        match command {
            Command::SetInput(input) => self.set_input(input),
            Command::SetOverlay(overlay) => self.set_overlay(overlay),
            Command::SetEncoding(encoding) => self.set_encoding(encoding),
            Command::SetDetails(details) => self.set_details(&details).await,
            Command::SetUploadLimit(limit) => self.set_upload_limit(limit).await,
            Command::SetListed(listed) => {
                self.options.choices.listed = listed;
                self.list();
                self.remember();
            }
            Command::SetReach(reach) => {
                self.options.choices.reach = *reach;
                self.remember();
            }
            Command::FindEncoders => self.encoder_search.look(),
            Command::SetPort(port) => self.set_port(port).await,
            Command::SaveChannel { to, replace } => {
                let folder = &self.options.config_folder;
                let saved = moving::save(folder, &to, replace);
                self.tell_of_channel(saved);
            }
            Command::LoadChannel(from) => self.load_channel(&from).await,
            Command::Start => self.start(snapshots).await,
            Command::Pause => self.set_paused(true).await,
            Command::Continue => self.set_paused(false).await,
            Command::SetMuted(muted) => self.program.set_muted(muted),
            Command::Record(options) => self.record(Some(options)).await,
            Command::StopRecording => self.record(None).await,
            Command::Stop => self.stop(snapshots).await,
            // It ends the loop before it comes here.
            Command::Quit => {}
        }
    }

    fn set_input(&mut self, input: Input) {
        self.capture.set_input(input.clone());
        self.options.choices.input = input;
        self.remember();
    }

    fn set_overlay(&mut self, overlay: Overlay) {
        self.capture.set_overlay(&overlay);
        self.options.choices.overlay = overlay;
        self.remember();
    }

    fn set_encoding(&mut self, encoding: Encoding) {
        self.notices.retain(|notice| !notice.is_of_encoding());
        match encoding.check() {
            Ok(()) => {
                self.options.choices.encoding = encoding;
                self.remember();
                if self.on_air.is_none() {
                    self.fit_capture();
                }
            }
            Err(error) => self.notices.push(Notice::encoding((&error).into())),
        }
    }

    /// Has pictures delivered in the size in which they will be encoded. Where that is their size already, the picture
    /// that stands is kept: a source that does not move would not send it again.
    fn fit_capture(&mut self) {
        let format = format(&self.options.choices.encoding);
        if format != self.capture.format() {
            self.program.forget_picture();
            self.capture.set_format(format);
        }
    }

    async fn set_details(&mut self, details: &Details) {
        let details = details.fitted();
        if details == self.options.choices.details {
            return;
        }
        if let (Some(on_air), Some(station)) = (&mut self.on_air, &self.station) {
            on_air.set_details(&details, station).await;
        }
        self.list();
        self.options.choices.details = details;
        self.remember();
    }

    /// Has the hub's list say what there is to say: nothing, unless live and wanted.
    fn list(&self) {
        let Some(station) = &self.station else {
            return;
        };
        let Listed {
            wanted,
            without_picture,
        } = self.options.choices.listed;
        if !wanted {
            return station.list(None);
        }
        let picture = (!without_picture).then(|| self.capture.format());
        let viewers = self.stats.borrow().swarm.viewers;
        let on_air = self.on_air.as_ref();
        station.list(on_air.and_then(|on_air| on_air.said(viewers, picture)));
    }

    async fn set_upload_limit(&mut self, limit: Option<Bitrate>) {
        if let Some(station) = &mut self.station {
            station.set_upload_limit(limit).await;
        }
        self.options.choices.upload_limit = limit;
        self.remember();
    }

    async fn set_port(&mut self, port: Option<u16>) {
        self.options.choices.port = port;
        self.remember();
        self.leave().await;
    }

    async fn load_channel(&mut self, from: &Path) {
        let loaded = match self.on_air {
            Some(_) => Err(moving::OnAirError.into()),
            None => moving::load(&self.options.config_folder, from),
        };
        if loaded.is_ok() {
            self.leave().await;
        }
        self.tell_of_channel(loaded);
    }

    fn tell_of_channel(&mut self, result: Result<Message, moving::MovingError>) {
        self.notices.retain(|notice| !notice.is_of_channel());
        let result = result.map_err(|error| (&error).into());
        self.notices.push(Notice::channel(result));
    }

    /// The next broadcast opens a new station, with the port and the channel that are chosen by then.
    async fn leave(&mut self) {
        if self.on_air.is_some() {
            self.is_station_old = true;
        } else if let Some(station) = self.station.take() {
            station.close().await;
        }
    }

    fn remember(&mut self) {
        if !self.options.remember {
            return;
        }
        self.notices.retain(|notice| !notice.is_of_settings());
        if let Err(error) = self.options.choices.store(&self.options.config_folder) {
            self.notices.push(Notice::settings((&error).into()));
        }
    }

    async fn start(&mut self, snapshots: &watch::Sender<Arc<Snapshot>>) {
        if self.on_air.is_some() {
            return;
        }
        self.notices.retain(|notice| !notice.is_of_start());
        self.show(Phase::Starting, snapshots);
        if let Err(notice) = self.try_start().await {
            self.notices.push(notice);
        }
        self.between = None;
    }

    async fn try_start(&mut self) -> Result<(), Notice> {
        if std::mem::take(&mut self.is_station_old) {
            self.leave().await;
        }
        let reach = &self.options.choices.reach;
        if let Some(station) = self.station.take_if(|station| station.reach() != reach) {
            station.close().await;
        }
        if self.station.is_none() {
            let options = &self.options;
            let mut server = options.server.clone();
            if let (Listen::Anywhere, Some(port)) = (server.listen, options.choices.port) {
                server.listen = Listen::From(port);
            }
            let opening = Station::open(
                &options.config_folder,
                server,
                options.network.clone(),
                &options.choices.reach,
                options.choices.upload_limit,
                &self.program,
            );
            let station = opening
                .await
                .map_err(|error| Notice::start((&error).into()))?;
            self.stats = station.stats();
            self.station = Some(station);
        }
        self.begin().await
    }

    /// Starts the segmenter and lets media in.
    async fn begin(&mut self) -> Result<(), Notice> {
        let stats = Arc::clone(&self.stats.borrow());
        let on_air = OnAir::begin(&self.options.choices.encoding, &stats).await;
        let on_air = on_air.map_err(|error| Notice::start((&error).into()))?;
        self.program.begin(Arc::clone(on_air.segmenter()));
        self.on_air = Some(on_air);
        Ok(())
    }

    /// Into another file, or no more.
    async fn record(&mut self, options: Option<RecordingOptions>) {
        self.notices.retain(|notice| !notice.is_of_recording());
        let stopped = self.recordings.stop().await;
        self.tell_of_recording(stopped);
        if let Some(options) = options {
            self.recordings.begin(options);
        }
    }

    fn tell_of_recording(&mut self, result: Result<(), RecordingError>) {
        if let Err(error) = result {
            self.notices.push(Notice::recording((&error).into()));
        }
    }

    async fn set_paused(&mut self, paused: bool) {
        let (Some(on_air), Some(station)) = (&mut self.on_air, &self.station) else {
            return;
        };
        if on_air.is_paused() != Some(!paused) {
            return;
        }
        // Viewers are told before the first segment comes, and after the last has been made.
        if paused {
            self.program.pause();
            on_air.set_paused(true, station).await;
        } else {
            on_air.set_paused(false, station).await;
            self.program.resume();
        }
        self.list();
    }

    async fn stop(&mut self, snapshots: &watch::Sender<Arc<Snapshot>>) {
        let Some(on_air) = self.on_air.take() else {
            return;
        };
        self.list();
        self.show(Phase::Stopping, snapshots);
        self.end(on_air).await;
        self.between = None;
    }

    async fn end(&mut self, on_air: OnAir) {
        self.program.end();
        if let Some(station) = &self.station {
            on_air.end(station).await;
        }
        let recorded = self.recordings.end().await;
        self.tell_of_recording(recorded);
        self.fit_capture();
    }

    async fn take_output(
        &mut self,
        output: Option<Output>,
        snapshots: &watch::Sender<Arc<Snapshot>>,
    ) {
        let (Some(on_air), Some(station)) = (&mut self.on_air, &self.station) else {
            return;
        };
        match output {
            Some(Output::Init(init)) => {
                self.recordings.init(init.clone());
                let details = &self.options.choices.details;
                if let Err(error) = on_air.describe(init, details, station).await {
                    self.notices.push(Notice::start(Message::verbatim(error)));
                    self.stop(snapshots).await;
                }
            }
            Some(Output::Media(media)) => {
                let recorded = self.recordings.segment(&media);
                on_air.publish(media, station).await;
                self.tell_of_recording(recorded);
            }
            None => self.encoder_failed().await,
        }
    }

    /// Viewers go on with a new encoder, unless that one fails at once too.
    async fn encoder_failed(&mut self) {
        let Some(on_air) = self.on_air.take() else {
            return;
        };
        let notice =
            Notice::encoder_failed(on_air.segmenter().failure().as_ref().map(Message::from));
        let worth_another = on_air
            .live_for()
            .is_some_and(|live| live > FAILS_AGAIN_WITHIN);
        self.end(on_air).await;
        self.notices.retain(|notice| !notice.is_of_start());
        self.notices.push(notice);
        if worth_another && let Err(notice) = self.begin().await {
            self.notices.push(notice);
        }
    }

    /// Shows a phase that lasts until `between` is set otherwise.
    fn show(&mut self, phase: Phase, snapshots: &watch::Sender<Arc<Snapshot>>) {
        self.between = Some(phase);
        self.publish(snapshots);
    }

    fn publish(&mut self, snapshots: &watch::Sender<Arc<Snapshot>>) {
        let mut snapshot = self.snapshot();
        self.journal.look(&snapshot, std::time::Instant::now());
        snapshot.journal = self.journal.entries();
        snapshots.send_replace(Arc::new(snapshot));
    }

    fn snapshot(&self) -> Snapshot {
        let capture = self.capture_state.borrow().clone();
        let phase = self.phase();
        let choices = &self.options.choices;
        Snapshot {
            devices: self.devices.borrow().clone(),
            input: choices.input.clone(),
            overlay: choices.overlay.clone(),
            encoding: choices.encoding.clone(),
            encoders: self.encoders.borrow().clone(),
            details: choices.details.clone(),
            upload_limit: choices.upload_limit,
            reach: choices.reach.clone(),
            listed: choices.listed,
            port: choices.port,
            muted: self.program.is_muted(),
            recording: self.recordings.shown(),
            video: capture.video,
            sound: capture.sound,
            overlay_state: capture.overlay,
            sound_level: *self.sound_level.borrow(),
            preview: self.preview.borrow().clone(),
            journal: Arc::default(),
            hints: self.hints(&phase),
            phase,
        }
    }

    fn phase(&self) -> Phase {
        match (&self.between, &self.on_air, &self.station) {
            (Some(phase), _, _) => phase.clone(),
            (None, Some(on_air), Some(station)) => on_air
                .live(station, &self.stats.borrow())
                .map_or(Phase::Starting, Phase::Live),
            _ => Phase::Idle,
        }
    }

    fn hints(&self, phase: &Phase) -> Vec<Hint> {
        let circumstances = Circumstances {
            notices: &self.notices,
            phase,
            moved_port: self.station.as_ref().and_then(Station::moved_port),
            trackers_open: self.stats.borrow().swarm.trackers_open,
            dropping: self.dropping.is_going_on(Instant::now()),
            limit_is_too_low: self.limit_is_too_low(),
            short_of_upload: self.is_short_of_upload(),
        };
        hints::hints(&circumstances)
    }

    fn is_short_of_upload(&self) -> bool {
        let felt = self.stats.borrow().swarm.audience_short_of_upload;
        self.on_air.as_ref().is_some_and(|on_air| {
            hints::is_short_of_upload(felt, on_air.taken_rate(), on_air.bitrate())
        })
    }

    /// Whether the limit leaves no room for even one copy of the stream.
    fn limit_is_too_low(&self) -> bool {
        let limit = self.options.choices.upload_limit;
        match (limit, &self.on_air) {
            (Some(limit), Some(on_air)) => limit < on_air.bitrate(),
            _ => false,
        }
    }
}

fn format(encoding: &Encoding) -> PictureFormat {
    PictureFormat {
        resolution: encoding.resolution,
        frames_per_second: encoding.frames_per_second,
    }
}
