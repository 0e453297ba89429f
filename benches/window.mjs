// The window: how long from start to its being usable, and what it costs while nothing moves and while its preview does.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Channel, PROGRAM } from '../tests/browser/app.mjs'
import { quantile } from '../tests/browser/strip.mjs'
import { options, say } from './browser/session.mjs'
import { shares, threads } from './threads.mjs'
import { Screen } from './window/screen.mjs'

/** An empty screen has one colour, a cleared window another. With text and cards there are dozens, smooth edges included. */
const DRAWN_COLOURS = 24
const LOOK_MS = 2
const PATIENCE_MS = 60_000
/** After this the devices are found, the picture is there and nothing of the start is left to do. */
const SETTLED_MS = 5_000

/** @type {[string, RegExp][]} The window is drawn on the first thread, in software by Mesa's. */
const STAGES = [
  ['window', /^liveontorrent$|^llvmpipe|^window|^liveonto:/]
]

const { times, seconds, json } = options({ times: 5, seconds: 30 })

const channel = new Channel()
/** @type {(() => unknown)[]} */
const ends = [() => channel.remove()]
try {
  const context = { after: (/** @type {() => unknown} */ end) => { ends.push(end) } }
  const screen = await Screen.open(context)
  // The first steps are shown once; what is measured is the window that stays.
  keep('window.json', { welcomed: true })
  const starts = []
  for (let time = 0; time < times; time++) starts.push(await start(screen, async () => {}))
  const usable = starts.map(({ usableMs }) => usableMs)
  const rows = [{ starts: times, 'usable p50 ms': quantile(usable, 0.5), 'slowest ms': Math.max(...usable), load: loadavg()[0] }]
  say(rows, json)

  // Without loss, so that every frame is the same.
  const still = join(channel.folder, 'still.mp4')
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'smptebars=size=1280x720:rate=30', '-t', '10', '-pix_fmt', 'yuv420p', '-qp', '0', still])
  const costs = []
  for (const [picture, video] of /** @type {[string, unknown][]} */ ([['stands still', { file: still }], ['moves', 'test']])) {
    choose({ video, sound: 'none' })
    const { result } = await start(screen, async pid => {
      await sleep(SETTLED_MS)
      const before = threads(pid)
      await sleep(seconds * 1000)
      return shares(before, threads(pid), seconds, STAGES)
    })
    costs.push({ 'the picture': picture, ...result, load: loadavg()[0] })
  }
  say(costs, json)
} finally {
  for (const end of ends.reverse()) await end()
}

/**
 * Runs the program until `meanwhile` is over.
 * @template T
 * @param {Screen} screen
 * @param {(pid: number) => Promise<T>} meanwhile from when it is usable
 */
async function start (screen, meanwhile) {
  const started = performance.now()
  const program = spawn(PROGRAM, [], {
    env: { ...process.env, XDG_CONFIG_HOME: channel.folder, DISPLAY: screen.display, WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  try {
    while (screen.colours() < DRAWN_COLOURS) {
      if (program.exitCode !== null) throw new Error(`the program ended with ${program.exitCode}`)
      if (performance.now() - started > PATIENCE_MS) throw new Error('the window is not drawn')
      await sleep(LOOK_MS)
    }
    const usableMs = Math.round(performance.now() - started)
    return { usableMs, result: await meanwhile(/** @type {number} */ (program.pid)) }
  } finally {
    const gone = once(program, 'exit')
    if (program.exitCode === null) {
      program.kill('SIGKILL')
      await gone
    }
    while (screen.colours() >= DRAWN_COLOURS) await sleep(LOOK_MS)
  }
}

/** @param {{ video: unknown, sound: string }} input what is picked at the next start */
function choose (input) {
  keep('choices.json', { input })
}

/**
 * Puts a file where the program looks for what it remembers.
 * @param {string} name
 * @param {unknown} content
 */
function keep (name, content) {
  const folder = join(channel.folder, 'liveontorrent')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), JSON.stringify(content))
}
