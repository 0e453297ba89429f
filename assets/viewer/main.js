// The viewer page: joins the swarm that the address names, plays its broadcasts, and says how it goes.

import { offerMeasurements, measurements } from './measurements.js'
import { Player } from './media/player.js'
import { CarryingView } from './page/carrying.js'
import { Controls } from './page/controls.js'
import { DetailsView } from './page/details.js'
import { elements } from './page/elements.js'
import { Gate } from './page/gate.js'
import { listenToKeys } from './page/keyboard.js'
import { NearPermission } from './page/near.js'
import { PassingOn } from './page/passing-on.js'
import { Screen } from './page/screen.js'
import { Share } from './page/share.js'
import { Sound } from './page/sound.js'
import { StatusView, statusOf } from './page/status.js'
import { speak } from './page/texts.js'
import { whatIsLacking } from './support.js'
import { Membership } from './swarm/membership.js'
import { PieceHistory } from './swarm/piece-history.js'

/** How often what is shown is brought up to date: about as fast as a person sees it. */
const REFRESH_MS = 200

/** @typedef {import('./page/status.js').Status} Status */

await speak()
const statusView = new StatusView()
const lacking = whatIsLacking()
if (lacking === undefined) watch()
else statusView.show('not-supported', lacking)
new Share()
if (new URLSearchParams(location.search).has('embed')) embed()
// Another link in the same tab is another channel.
window.addEventListener('hashchange', () => location.reload())

/** In a frame of another page the picture takes all of it. That this page passes the stream on is still in view. */
function embed () {
  document.body.classList.add('is-embedded')
  elements.openPage.before(elements.passingFact)
}

function watch () {
  const { video } = elements
  const player = new Player(video, () => sound.start())
  const sound = new Sound(() => {
    passingOn.endHelp()
    player.rejoin()
  })
  const screen = new Screen()
  const controls = new Controls(sound, screen, () => player.rejoin())
  const gate = new Gate(sound)
  listenToKeys(sound, screen, controls, gate)
  /** @type {string | undefined} */
  let badLink
  // The gate closes before the first picture of what is behind it.
  const membership = new Membership({
    begin: description => {
      gate.judge(description)
      player.begin(description)
    },
    change: description => {
      gate.judge(description)
      player.change(description)
    },
    add: segment => player.add(segment)
  }, message => { badLink = message })
  const passingOn = new PassingOn(membership, player)
  const carrying = new CarryingView()
  const details = new DetailsView()
  const pieces = new PieceHistory()
  const near = new NearPermission(location)

  function status () {
    if (badLink !== undefined) return 'bad-link'
    return statusOf(membership.snapshot().swarm, player.snapshot())
  }

  function refresh () {
    const [now, snapshot, playing] = [status(), membership.snapshot(), player.snapshot()]
    statusView.show(now, badLink ?? playing.unsupported ?? '', near.words(now, performance.now()))
    details.show(playing.description)
    statusView.showViewers(['live', 'helping', 'paused'].includes(now) ? snapshot.swarm?.viewers : undefined)
    passingOn.show(snapshot)
    pieces.update(performance.now(), playing.description, carrying.isOpen, () => membership.pieceMap())
    carrying.show(playing, snapshot, pieces)
  }

  function wake () {
    membership.wake()
    if (player.isResting) return
    if (sound.wanted) sound.start()
    player.rejoin()
  }

  document.addEventListener('visibilitychange', () => { if (!document.hidden) wake() })
  document.addEventListener('resume', wake)
  window.addEventListener('online', () => membership.networkChanged())
  // Peers hear at once that this one has left. Should the browser bring the page back, it begins anew.
  window.addEventListener('pagehide', () => membership.close())
  window.addEventListener('pageshow', event => { if (event.persisted) location.reload() })
  video.addEventListener('playing', refresh)
  setInterval(refresh, REFRESH_MS)
  refresh()
  offerMeasurements(() => {
    // What is measured is also what is shown.
    refresh()
    return measurements(status(), player.snapshot(), membership.snapshot(), {
      pieces: pieces.counts(),
      rate: video.playbackRate,
      swarmRestarts: membership.restarts
    })
  })
}
