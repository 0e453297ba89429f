// Memory of the program and of a page that watches, minute by minute.

import { setTimeout as sleep } from 'node:timers/promises'
import { untilPlayed } from '../../tests/browser/watching.mjs'
import { during, options, say } from './session.mjs'

const MB = 1_000_000

const { minutes, json } = options({ minutes: 10 })

const rows = await during({}, async (app, browser) => {
  const page = await browser.newPage()
  const inspector = await page.context().newCDPSession(page)
  await page.goto(app.link)
  await untilPlayed(page, 4)
  const rows = []
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(60_000)
    await inspector.send('HeapProfiler.collectGarbage')
    const { usedSize } = await inspector.send('Runtime.getHeapUsage')
    const rss = app.stats?.rss_bytes ?? NaN
    rows.push({ minute, 'program MB': Math.round(rss / MB * 10) / 10, 'page MB': Math.round(usedSize / MB * 10) / 10 })
  }
  return rows
})
say(rows, json)
