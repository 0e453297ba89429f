// From navigation to the first frame in Chromium, each time in a browser profile that has never seen the page.

import { until } from '../../tests/browser/watching.mjs'
import { quantile } from '../../tests/browser/strip.mjs'
import { during, options, say } from './session.mjs'

const { times, json } = options({ times: 10 })

const rows = await during({}, async (app, browser) => {
  /** @type {number[]} */
  const joins = []
  for (let time = 0; time < times; time++) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(app.link)
    const measured = await until(page, 'the first frame', measured => measured.firstFrameMillis !== undefined)
    joins.push(Math.round(/** @type {number} */ (measured.firstFrameMillis)))
    await context.close()
  }
  return [{
    joins: times,
    'first frame p50 ms': quantile(joins, 0.5),
    'first frame p95 ms': quantile(joins, 0.95)
  }]
})
say(rows, json)
