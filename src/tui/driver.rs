//! Where the pure screen meets the world: the loop that waits, lets `update` decide, does what
//! it asks for, and then draws at most one frame.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::desk::Desk;
use super::effect::Effect;
use super::gallery::Gallery;
use super::keeper::{Backend, Keeper, Request};
use super::keys::Keys;
use super::line::Line;
use super::model::Model;
use super::msg::{Msg, coalesce};
use super::outside;
use super::pace::{self, Cause, Load, Pace};
use super::screen::Screen;
use super::state::State;
use super::terminal::{self, Guard};
use super::typesetter::Typesetter;
use super::update::update;
use super::view;
use super::wanted::Wanted;
use crate::base::{Diagnostic, dirs, osc52};
use crate::render::style::Look;
use crate::spec::settings::{Bell, Drawing};

/// How long the first frame waits for the notebook, so that it is not drawn twice.
const FIRST_FRAME: Duration = Duration::from_millis(40);

/// Between two parts of a frame: long enough for ssh to have read the first.
const APART: Duration = Duration::from_millis(2);

/// How often the time to go is counted down while runs are going.
const COUNTDOWN: Duration = Duration::from_secs(1);

/// Shows the notebook until the person leaves, in the colours and glyphs of `look` (see [`super::detect::look`]).
pub fn run(
    backend: impl Backend + 'static,
    look: Look,
    desk: Option<Desk>,
    keys: Keys,
    images: Drawing,
    bell: Bell,
    problems: Vec<Diagnostic>,
) -> anyhow::Result<()> {
    let (sender, messages) = unbounded_channel();
    let gallery = Gallery::start(backend.root(), sender.clone())?;
    let typesetter = Typesetter::start(sender.clone())?;
    let state = desk.as_ref().map(Desk::recall).unwrap_or_default();
    let first = Wanted { near: state.selected.iter().cloned().collect(), ..Wanted::default() };
    let keeper = Keeper::start(backend, sender.clone(), first)?;
    terminal::restore_on_panic();
    terminal::watch_signals()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let guard = Guard::enter().context("the terminal cannot be taken over")?;
    let outcome = runtime.block_on(async {
        let mut driver = Driver::new(
            look,
            guard,
            sender,
            messages,
            Helpers { keeper: &keeper, gallery: &gallery, typesetter: &typesetter },
        )?;
        driver.sit_down(desk, state);
        driver.draw_by(images);
        (driver.model.keys, driver.model.bell, driver.model.taste_problems) = (keys, bell, problems);
        let outcome = driver.run().await;
        driver.forget_pictures();
        driver.remember();
        outcome
    });
    keeper.finish();
    outcome
}

/// The threads that do what must not hold up a key.
#[derive(Clone, Copy)]
struct Helpers<'a> {
    keeper: &'a Keeper,
    gallery: &'a Gallery,
    typesetter: &'a Typesetter,
}

struct Driver<'a> {
    model: Model,
    screen: Screen,
    /// The way to the terminal.
    line: Line,
    /// Why there is something to be drawn.
    cause: Cause,
    /// Who draws pictures, as the person wants it.
    images: Drawing,
    /// `None` while the terminal is somebody else's.
    guard: Option<Guard>,
    sender: UnboundedSender<Msg>,
    messages: UnboundedReceiver<Msg>,
    helpers: Helpers<'a>,
    keys: JoinHandle<()>,
    pace: Pace,
    start: Instant,
    /// Whether the model may look different from what is on the screen.
    dirty: bool,
    leaving: bool,
    /// Drafts, and where one was; nothing where there is no place for them.
    desk: Option<Desk>,
    /// What was put away last.
    remembered: State,
}

impl<'a> Driver<'a> {
    fn new(
        look: Look,
        guard: Guard,
        sender: UnboundedSender<Msg>,
        messages: UnboundedReceiver<Msg>,
        helpers: Helpers<'a>,
    ) -> io::Result<Self> {
        let start = Instant::now();
        // In this order: a change of size after it was looked at is heard of.
        outside::watch_size(sender.clone())?;
        let size = outside::terminal_size();
        Ok(Self {
            model: Model::new(look, size),
            screen: Screen::new(size),
            line: Line::find(|name| std::env::var(name).ok()),
            cause: Cause::Key,
            images: Drawing::default(),
            guard: Some(guard),
            keys: tokio::spawn(outside::read_keys(sender.clone(), start)),
            sender,
            messages,
            helpers,
            pace: Pace::default(),
            start,
            dirty: true,
            leaving: false,
            desk: None,
            remembered: State::default(),
        })
    }

    /// Goes on where one was.
    fn sit_down(&mut self, desk: Option<Desk>, state: State) {
        self.desk = desk;
        let Some(desk) = &self.desk else { return };
        self.remembered = state;
        self.model.restore(self.remembered.clone());
        let drafts = desk.drafts().into_iter().filter_map(|slug| Some((slug.clone(), desk.draft(&slug)?)));
        self.model.drafts = drafts.collect();
        if !self.model.drafts.is_empty() {
            let slugs: Vec<&str> = self.model.drafts.keys().map(String::as_str).collect();
            let news = format!("i goes on with a draft: {}", slugs.join(", "));
            let _ = self.sender.send(Msg::Said(news));
        }
    }

    /// Says who draws pictures. As sixels only where it is known how large a cell is: else they would lie over text.
    fn draw_by(&mut self, images: Drawing) {
        let cell = outside::cell_size().filter(|_| images == Drawing::Sixel);
        self.screen.draw_pictures(cell);
        let known = images != Drawing::Sixel || cell.is_some();
        self.model.page.draw_by(if known { images } else { Drawing::Blocks });
        self.images = images;
    }

    /// Has the terminal forget the pictures that it was sent.
    fn forget_pictures(&mut self) {
        self.model.page.hide_images(|_| true);
        if let Some(sequence) = self.model.page.to_tell() {
            // A terminal that is gone has forgotten them.
            let _ = tell_terminal(&sequence);
        }
    }

    /// Puts away where one is, if that is news.
    fn remember(&mut self) {
        let state = State::of(&self.model);
        let read = self.model.snapshot.is_some();
        if let Some(desk) = self.desk.as_ref().filter(|_| read && state != self.remembered) {
            // Where it cannot be kept one starts at the top again: nothing to trouble anybody with.
            let _ = desk.remember(&state);
            self.remembered = state;
        }
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        let mut wait = Some(FIRST_FRAME);
        loop {
            wait = if let Some(first) = self.next(wait).await {
                self.take(first).await?
            } else {
                // Time has passed, which is something to be seen; unless the line is waited for.
                self.dirty |= !self.screen.is_behind();
                self.draw_when_due()?
            };
            if self.leaving {
                return Ok(());
            }
        }
    }

    /// The next message, or nothing after `wait`; without one it waits for as long as it takes.
    async fn next(&mut self, wait: Option<Duration>) -> Option<Msg> {
        match wait {
            Some(wait) => timeout(wait, self.messages.recv()).await.ok().flatten(),
            None => self.messages.recv().await,
        }
    }

    /// Takes in a message and all that wait behind it, shows what they come to and does what follows from them; how
    /// long until there is more to do, if that is known.
    async fn take(&mut self, first: Msg) -> anyhow::Result<Option<Duration>> {
        let mut batch = vec![first];
        while let Ok(next) = self.messages.try_recv() {
            batch.push(next);
        }
        // A terminal that was made small and large again between two frames has its old size and has lost its text.
        if batch.iter().any(|msg| matches!(msg, Msg::Resize(_))) {
            self.screen.forget();
            if self.images == Drawing::Sixel {
                self.draw_by(self.images);
            }
        }
        if batch.iter().any(|msg| matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Resize(_))) {
            self.cause = Cause::Key;
        }
        let mut effects = update(&mut self.model, Msg::Time(self.start.elapsed()));
        for msg in coalesce(batch) {
            effects.extend(update(&mut self.model, msg));
        }
        self.dirty = true;
        // Pictures that the terminal draws by itself, before the frame that shows them.
        let is_picture = |effect: &Effect| matches!(effect, Effect::Terminal(_));
        let (pictures, effects): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_picture);
        for picture in pictures {
            self.perform(picture).await?;
        }
        // A draft before the frame that shows it: what was seen is never lost. Of several only the last is kept.
        let is_draft = |effect: &Effect| matches!(effect, Effect::KeepDraft { .. } | Effect::DropDraft(_));
        let (drafts, effects): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_draft);
        if let Some(last) = drafts.into_iter().next_back() {
            self.perform(last).await?;
        }
        // The frame first: what is asked of other threads takes the processor, and nobody waits for it as for this.
        let wait = self.draw_when_due()?;
        for effect in effects {
            self.perform(effect).await?;
        }
        self.remember();
        Ok(wait)
    }

    /// Draws if there is something to draw and a frame may be sent; how long until there is more to do, if it is
    /// known.
    fn draw_when_due(&mut self) -> anyhow::Result<Option<Duration>> {
        if self.dirty || self.screen.is_behind() {
            let now = self.start.elapsed();
            let free = pace::is_free(self.load(), self.cause);
            if !free && let Err(wait) = self.pace.take(now) {
                return Ok(Some(wait));
            }
            if std::mem::take(&mut self.dirty) {
                update(&mut self.model, Msg::Time(now));
                view::paint(self.screen.blank(self.model.size), &self.model);
                self.screen.hang(&self.model.page.hung());
            }
            if !self.send(now)? && !free {
                self.pace.give_back();
            }
            if self.screen.is_behind() {
                return Ok(Some(pace::LOOK_AGAIN));
            }
            // Whatever a key has changed has been sent.
            self.cause = Cause::News;
        }
        Ok((self.model.progress.going() > 0).then_some(COUNTDOWN))
    }

    /// What is known of the line.
    fn load(&self) -> Load {
        match (&self.line, self.line.underway()) {
            (Line::Here, _) => Load::None,
            (_, Some(bytes)) => Load::Bytes(bytes),
            (_, None) => Load::Unknown,
        }
    }

    /// Sends as much as the line takes of what the terminal does not show yet; whether that was anything. What matters
    /// most goes by itself where it may have a way to go: ssh shows nothing of a packet before all of it has come.
    fn send(&mut self, now: Duration) -> io::Result<bool> {
        let load = self.load();
        let (room, most) = (self.pace.room(now, load, self.cause), self.pace.most(load, self.cause));
        let areas = view::areas(&self.model);
        let mut sent = 0;
        if load != Load::None {
            for area in &areas {
                let part = self.screen.update_area(*area, room.saturating_sub(sent), most);
                sent += self.write(now, &part)?;
                if self.screen.is_behind_in(*area) {
                    return Ok(sent > 0);
                }
                if !part.is_empty() {
                    std::thread::sleep(APART);
                }
            }
        }
        let rest = self.screen.update(&areas, room.saturating_sub(sent), most);
        Ok(sent + self.write(now, &rest)? > 0)
    }

    /// Writes part of a frame; how much that is.
    fn write(&mut self, now: Duration, part: &[u8]) -> io::Result<usize> {
        if !part.is_empty() {
            let mut out = io::stdout().lock();
            out.write_all(part)?;
            out.flush()?;
            self.pace.sent(now, part.len());
        }
        Ok(part.len())
    }

    async fn perform(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Quit => self.leaving = true,
            Effect::Submit(jobs) => self.helpers.keeper.ask(Request::Submit(jobs)),
            Effect::Cancel(runs) => self.helpers.keeper.ask(Request::Cancel(runs)),
            Effect::Save { path, base, text } => self.helpers.keeper.ask(Request::Save(path, base, text)),
            Effect::KeepDraft { slug, base, text } => {
                self.told(|desk| desk.keep_draft(&slug, &base, &text), "the draft cannot be kept");
            }
            Effect::DropDraft(slug) => {
                if let Some(desk) = &mut self.desk {
                    desk.drop_draft(&slug);
                }
            }
            Effect::KeepSide { slug, text } => {
                if let Some(desk) = &mut self.desk {
                    let said = match desk.keep_side(&slug, &text) {
                        // The file is the newest one there; all of its path would be longer than the line.
                        Ok(path) => {
                            format!("the other side is in {}", dirs::shown(path.parent().unwrap_or(&path)))
                        }
                        Err(error) => format!("the other side cannot be kept: {error}"),
                    };
                    self.sender.send(Msg::Said(said))?;
                }
            }
            Effect::NewEntry(title) => self.helpers.keeper.ask(Request::NewEntry(title)),
            Effect::Append(line) => self.helpers.keeper.ask(Request::Append(line)),
            Effect::Copy(text) => tell_terminal(&osc52::sequence(&text))?,
            Effect::Terminal(sequence) => {
                self.pace.sent(self.start.elapsed(), sequence.len());
                tell_terminal(&sequence)?;
            }
            Effect::Ring => tell_terminal("\x07")?,
            Effect::Reload => self.helpers.keeper.ask(Request::Reload),
            Effect::Want(wanted) => self.helpers.keeper.ask(Request::Want(wanted)),
            Effect::Tabulate(order) => self.helpers.keeper.ask(Request::Tabulate(order)),
            Effect::ReadImages(order) => self.helpers.gallery.ask(order),
            Effect::Lay(galley) => self.helpers.typesetter.ask(galley),
            Effect::OpenEditor { path, line } => {
                self.hand_over().await;
                let outcome = outside::edit(&path, line);
                self.take_back()?;
                self.sender.send(Msg::EditorClosed(outcome))?;
            }
            Effect::Suspend => {
                self.hand_over().await;
                outside::suspend();
                self.take_back()?;
            }
        }
        Ok(())
    }

    /// Does something at the desk; that it failed is told.
    fn told(&mut self, what: impl FnOnce(&mut Desk) -> io::Result<()>, trouble: &str) {
        if let Some(Err(error)) = self.desk.as_mut().map(what) {
            // Nobody listens only when the program is ending.
            let _ = self.sender.send(Msg::Said(format!("{trouble}: {error}")));
        }
    }

    /// Gives the terminal to somebody else, and stops reading its keys: they are not ours.
    async fn hand_over(&mut self) {
        self.keys.abort();
        let _ = (&mut self.keys).await;
        self.guard = None;
    }

    /// Takes the terminal over again; everything is drawn anew, for whatever stood there is gone.
    fn take_back(&mut self) -> anyhow::Result<()> {
        self.guard = Some(Guard::enter().context("the terminal cannot be taken over again")?);
        self.keys = tokio::spawn(outside::read_keys(self.sender.clone(), self.start));
        self.sender.send(Msg::TerminalBack)?;
        self.sender.send(Msg::Resize(outside::terminal_size()))?;
        Ok(())
    }
}

/// Sends an escape sequence that is no part of a frame.
fn tell_terminal(sequence: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}
