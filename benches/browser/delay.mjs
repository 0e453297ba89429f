// From a picture being made to its being shown in Chromium, by the strip in the test source's picture.

import { setTimeout as sleep } from 'node:timers/promises'
import { quantile, readStrips, takeStrips } from '../../tests/browser/strip.mjs'
import { measure, untilPlayed } from '../../tests/browser/watching.mjs'
import { during, options, say } from './session.mjs'

/** Joining, and finding how much to hold, is not what is measured here. */
const SETTLING_S = 10

const { seconds, viewers: audiences, 'segment-ms': lengths, json } =
  options({ seconds: 30, viewers: [1, 4], 'segment-ms': [250, 100] })

const rows = []
for (const segmentMillis of lengths) {
  for (const viewers of audiences) {
    rows.push(await during({ segmentMillis }, async (app, browser) => {
      const pages = []
      for (let viewer = 0; viewer < viewers; viewer++) {
        const page = await browser.newPage()
        await page.goto(app.link)
        pages.push(page)
      }
      for (const page of pages) {
        await untilPlayed(page, 4)
        await readStrips(page)
      }
      await sleep(SETTLING_S * 1000)
      const before = { ...app.stats }
      await Promise.all(pages.map(takeStrips))
      await sleep(seconds * 1000)
      const strips = await Promise.all(pages.map(takeStrips))
      const after = { ...app.stats }
      const measured = await Promise.all(pages.map(measure))
      const delays = strips.flatMap(({ delays }) => delays)
      /** @param {(page: import('../../assets/viewer/measurements.js').Measurements) => number} count */
      const sum = count => measured.reduce((sum, page) => sum + (page === undefined ? 0 : count(page)), 0)
      const grown = (/** @type {string} */ name) => after[name] - before[name]
      return {
        'segment ms': segmentMillis,
        viewers,
        'delay p50 ms': quantile(delays, 0.5),
        'delay p95 ms': quantile(delays, 0.95),
        'frames shown a second': Math.round(delays.length / viewers / seconds),
        'missing segments': sum(page => page.missingSegments),
        stalls: sum(page => page.stalls),
        'upload in copies': Math.round(grown('uploaded_bytes') / grown('stream_bytes') * 100) / 100,
        'dropped frames': grown('dropped_frames')
      }
    }))
  }
}
say(rows, json)
