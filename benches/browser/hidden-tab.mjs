// What a viewer's browser costs while its tab is seen, and while it is hidden: processor time, and what is received.

import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel } from '../../tests/browser/app.mjs'
import { openFirefox, openTabbedChromium } from '../../tests/browser/browsers.mjs'
import { measure, untilPlayed } from '../../tests/browser/watching.mjs'
import { usedByStarted } from '../side-by-side/processor.mjs'
import { options, say } from './session.mjs'

/** Both leave out the picture after ten seconds. */
const UNTIL_SOUND_ONLY_MS = 13_000

const { seconds, json } = options({ seconds: 20 })
/** @type {Record<string, unknown>[]} */
const rows = []
for (const [browser, open] of /** @type {const} */ ([['Chromium', openTabbedChromium], ['Firefox', openFirefox]])) {
  const channel = new Channel()
  /** @type {(() => unknown)[]} */
  const ends = [() => channel.remove()]
  try {
    const app = await App.live({ after: end => ends.push(end) }, channel, { source: 'test:busy' })
    const tabs = await open()
    ends.push(() => tabs.close())
    const page = await tabs.newPage()
    await page.goto(app.link)
    await untilPlayed(page, 8)
    /** @param {string} tab */
    const look = async tab => {
      const [used, before] = [usedByViewer(), await measure(page)]
      await sleep(seconds * 1000)
      const [usedThen, after] = [usedByViewer(), await measure(page)]
      const received = ((after?.swarm?.downloadedPieceBytes ?? 0) - (before?.swarm?.downloadedPieceBytes ?? 0)) * 8
      rows.push({
        browser,
        'the tab is': tab,
        'browser cores': Math.round((usedThen - used) / seconds * 1000) / 1000,
        'received Mbit/s': Math.round(received / seconds / 10_000) / 100
      })
    }
    await look('seen')
    const inFront = await tabs.newPage()
    await inFront.bringToFront()
    await sleep(UNTIL_SOUND_ONLY_MS)
    await look('hidden')
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
say(rows, json)

/** All that was started, but for the program. */
function usedByViewer () {
  return usedByStarted(name => !name.startsWith('liveontorrent'))
}
