// Streamers on a hub's front page: from the real program, by the list, to the picture in front of a viewer; and what happens
// when the hub goes away in between.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { Hub } from './hub.mjs'
import { until, untilPlayed } from './watching.mjs'

/** For what takes some seconds on an idle machine. */
const PATIENCE_MS = 60_000

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(() => browser?.close())

/**
 * A streamer who wants to be on the list.
 * @param {{ after: (end: () => unknown) => void }} context
 * @param {string} hub
 * @param {string} title
 * @param {string[]} more
 */
async function listed (context, hub, title, more = []) {
  const channel = new Channel()
  context.after(() => channel.remove())
  return App.live(context, channel, { ...SMALL_PICTURE, title, details: ['--hub', hub, '--list', ...more] })
}

/**
 * @param {() => Promise<boolean>} wanted
 * @param {string} what
 */
async function wait (wanted, what) {
  const deadline = Date.now() + PATIENCE_MS
  while (!await wanted()) {
    if (Date.now() > deadline) throw new Error(`not seen in time: ${what}`)
    await sleep(100)
  }
}

/** @param {Hub} hub @param {string[]} titles */
function untilListed (hub, titles) {
  return wait(async () => {
    const channels = await hub.channels().catch(() => [])
    return JSON.stringify(channels.map((/** @type {any} */ { title }) => title).sort()) === JSON.stringify(titles)
  }, `on the list: ${titles}`)
}

test('a person finds a streamer on the front page, sees what is on, and watches by one click', async context => {
  const hub = await Hub.run(context)
  const [seen, unseen] = await Promise.all([
    listed(context, hub.url, 'Open air', ['--category', 'music', '--author', 'The Band']),
    listed(context, hub.url, 'Unseen', ['--no-thumbnail'])
  ])
  await untilListed(hub, ['Open air', 'Unseen'])
  assert.ok(seen.link.startsWith(`${hub.url}#`), 'the link is the hub\'s')
  const page = await browser.newPage()
  await page.goto(hub.url)
  const card = page.locator('.card', { hasText: 'Open air' })
  await card.getByText('The Band').waitFor()
  const shown = await card.locator('img').evaluate(async (/** @type {HTMLImageElement} */ image) => {
    await image.decode()
    return [image.naturalWidth, image.naturalHeight]
  })
  assert.deepEqual(shown, [320, 180])
  assert.equal(await page.locator('.card', { hasText: 'Unseen' }).locator('img').isVisible(), false)
  await card.getByRole('link').click()
  await untilPlayed(page, 4)
  assert.equal(await page.locator('h1').textContent(), 'Open air')
  // Who watches is counted on the list.
  await wait(async () => (await hub.channels()).some((/** @type {any} */ { viewers }) => viewers === 1), 'a viewer on the list')
  await page.goBack()
  await card.waitFor()
  await seen.stop()
  await untilListed(hub, ['Unseen'])
  await unseen.stop()
  await untilListed(hub, [])
  await page.close()
})

test('a hub that dies takes nothing from those who watch, and lists the streamer again when it is back', async context => {
  const hub = await Hub.run(context)
  const app = await listed(context, hub.url, 'Goes on')
  await untilListed(hub, ['Goes on'])
  const page = await browser.newPage()
  await page.goto(app.link)
  const before = await untilPlayed(page, 4)
  const { address } = hub
  await hub.kill()
  await untilPlayed(page, 20)
  const after = await until(page, 'it plays on', ({ status }) => status === 'live')
  assert.equal(after.swarmRestarts, before.swarmRestarts)
  await wait(async () => app.hints.some(text => text.includes('does not list this broadcast')), 'the streamer is told')
  const back = await Hub.run(context, { listen: address })
  const since = Date.now()
  await untilListed(back, ['Goes on'])
  context.diagnostic(`on the list again ${((Date.now() - since) / 1000).toFixed(1)} s after the hub's return`)
  // New viewers find it, too.
  const late = await browser.newPage()
  await late.goto(back.url)
  await late.getByRole('link', { name: 'Goes on' }).click()
  await untilPlayed(late, 4)
  await Promise.all([page.close(), late.close()])
})
