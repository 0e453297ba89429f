// The program's processor time for each second of stream, by stage, read from the times of its threads (Linux).

import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { untilPlayed } from '../tests/browser/watching.mjs'
import { during, options, say } from './browser/session.mjs'

/** Linux's usual unit of a thread's processor time. */
const TICKS_A_SECOND = 100
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

/** @param {number} pid @returns {Map<string, number>} ticks by thread */
function threads (pid) {
  const times = new Map()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    const [, name, rest] = /** @type {RegExpMatchArray} */ (stat.match(/\((.*)\) (.*)/s))
    const fields = rest.split(' ')
    times.set(`${thread} ${name}`, Number(fields[11]) + Number(fields[12]))
  }
  return times
}

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
    /** @type {Record<string, number>} */
    const spent = { viewers }
    for (const stage of [...STAGES.map(([name]) => name), 'the rest', 'all']) spent[stage] = 0
    for (const [thread, ticks] of threads(pid)) {
      const name = thread.slice(thread.indexOf(' ') + 1)
      const stage = STAGES.find(([, names]) => names.test(name))?.[0] ?? 'the rest'
      const share = (ticks - (before.get(thread) ?? 0)) / TICKS_A_SECOND / seconds
      spent[stage] += share
      spent.all += share
    }
    return Object.fromEntries(Object.entries(spent).map(([stage, share]) => [stage, Math.round(share * 1000) / 1000]))
  }))
}
say(rows, json)
