// What an overlay costs: the program's processor time for each second of stream, without and with it, in turns in one run.
//
// The overlay's source is a camera-sized film: raw pictures of 640 by 480 at 30, which take no decoding worth speaking of, as
// a camera's do not.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { during, options, say } from './browser/session.mjs'
import { shares, threads } from './threads.mjs'

/** Sources are opened, and what they left is done, within this. */
const SETTLE_MS = 2000
/** An overlay is put together on the thread of the picture beneath; its own pictures are made smaller on another. */
const STAGES = /** @type {[string, RegExp][]} */ ([
  ['making the picture and laying the overlay over it', /^test picture/],
  ['encoding the picture', /^pictures:src|^x264/]
])

const { seconds, times, json } = options({ seconds: 10, times: 3 })

const folder = mkdtempSync(join(tmpdir(), 'liveontorrent-'))
const film = join(folder, 'camera.avi')
execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x480:rate=30:duration=4', '-c:v', 'rawvideo',
  '-pix_fmt', 'yuyv422', film])
/** @type {Record<string, string[]>} */
const LOOKS = {
  'without': ['overlay off'],
  'small': [`overlay file:${film}`, 'overlay small'],
  'medium': [`overlay file:${film}`, 'overlay medium'],
  'large': [`overlay file:${film}`, 'overlay large']
}
/** @type {Map<string, Record<string, number>[]>} */
const seen = new Map(Object.keys(LOOKS).map(look => [look, []]))
try {
  await during({}, async app => {
    const pid = /** @type {number} */ (app.pid)
    for (let turn = 0; turn < times; turn++) {
      for (const [look, commands] of Object.entries(LOOKS)) {
        for (const command of commands) app.tell(command)
        await sleep(SETTLE_MS)
        const before = threads(pid)
        await sleep(seconds * 1000)
        seen.get(look)?.push(shares(before, threads(pid), seconds, STAGES))
      }
    }
  })
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {number[]} numbers */
const mean = numbers => numbers.reduce((sum, number) => sum + number, 0) / numbers.length
const without = mean((seen.get('without') ?? []).map(({ all }) => all))
say([...seen].map(([overlay, turns]) => {
  const columns = Object.keys(turns[0]).map(stage => [stage, Math.round(mean(turns.map(each => each[stage])) * 1000) / 1000])
  const all = mean(turns.map(({ all }) => all))
  return { overlay, ...Object.fromEntries(columns), 'of that without': Math.round(all / without * 100) / 100 }
}), json)
