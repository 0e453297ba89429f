// The program's processor time for each second of stream, by stage, read from the times of its threads (Linux).

import { setTimeout as sleep } from 'node:timers/promises'
import { untilPlayed } from '../tests/browser/watching.mjs'
import { during, options, say } from './browser/session.mjs'
import { shares, threads } from './threads.mjs'

/** @type {[string, RegExp][]} Threads are named after what they do; GStreamer's after the element that they begin at. */
const STAGES = [
  ['making the test picture', /^test picture|^test sound/],
  ['encoding the picture', /^pictures:src|^x264/],
  ['encoding the sound', /^sound:src/],
  ['writing fragments', /^isofmp4mux|^appsrc/],
  ['the time line', /^segmenter/],
  ['torrents, swarm, WebRTC, server', /^tokio/]
]

const { seconds, viewers: audiences, json } = options({ seconds: 30, viewers: [0, 1, 4] })

const rows = []
for (const viewers of audiences) {
  rows.push(await during({}, async (app, browser) => {
    for (let viewer = 0; viewer < viewers; viewer++) {
      const page = await browser.newPage()
      await page.goto(app.link)
      await untilPlayed(page, 4)
    }
    const pid = /** @type {number} */ (app.pid)
    const before = threads(pid)
    await sleep(seconds * 1000)
    return { viewers, ...shares(before, threads(pid), seconds, STAGES) }
  }))
}
say(rows, json)
