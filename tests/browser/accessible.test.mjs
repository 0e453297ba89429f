// What axe finds wrong with the page in each of its states, at the sizes and in the colours that people have.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { AXE, violations } from './axe.mjs'
import { openChromium } from './browsers.mjs'
import { untilPlayed, untilStatus } from './watching.mjs'

const SIZES = { phone: { width: 320, height: 640 }, desktop: { width: 1280, height: 800 } }
const SCHEMES = /** @type {const} */ (['light', 'dark'])
const DETAILS = ['--author', 'The Band', '--category', 'music', '--keyword', 'jazz', '--description', 'Two hours of swing',
  '--donation', 'https://donate.example/a-long-path/that-does-not-fit-on-a-phone']

/** @typedef {import('./browsers.mjs').Page} Page */
/** @typedef {{ what: string, page: Page, width: number }} Look */

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {Channel} */
let channel
/** One for each size in each scheme. @type {Look[]} */
let looks = []
before(async () => { browser = await openChromium() })
after(() => browser?.close())
beforeEach(() => { channel = new Channel() })
afterEach(async () => {
  for (const { page } of looks.splice(0)) await page.close()
  channel.remove()
})

/**
 * @param {string[]} details
 * @returns {import('./app.mjs').Options}
 */
function broadcast (...details) {
  return { ...SMALL_PICTURE, title: 'Open air, with a title that needs a second line', details: [...DETAILS, ...details] }
}

/** @param {string} link opened at each size in each scheme */
async function open (link) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const page = await browser.newPage({ viewport, colorScheme, bypassCSP: true, reducedMotion: 'reduce' })
      await page.addInitScript(AXE)
      await page.goto(link)
      looks.push({ what: `on a ${size} in ${colorScheme}`, page, width: viewport.width })
    }
  }
}

/**
 * Does the same in each.
 * @param {(page: Page) => unknown} action
 */
async function inEach (action) {
  for (const { page } of looks) await action(page)
}

/** @param {string} state that all of them are in */
async function nothingIsInTheWay (state) {
  for (const { what, page, width } of looks) {
    assert.deepEqual(await violations(page), [], `${state}, ${what}`)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${state}, ${what}: nothing is cut off`)
  }
}

test('playing, with the panel open, shared and helping, nothing is in a person\'s way', async context => {
  const app = await App.live(context, channel, broadcast())
  await open(app.link)
  await inEach(page => untilPlayed(page, 4))
  await nothingIsInTheWay('playing')
  await inEach(page => page.keyboard.press('n'))
  await inEach(page => page.locator('#neighbours').waitFor())
  await nothingIsInTheWay('with the panel open')
  await inEach(page => page.getByRole('button', { name: 'Share' }).click())
  await nothingIsInTheWay('shared')
  await inEach(page => page.keyboard.press('Escape'))
  await inEach(page => page.getByRole('button', { name: 'Help by keeping this tab open' }).click())
  await inEach(page => page.locator('#watch-again').waitFor())
  await nothingIsInTheWay('helping')
  await app.stop()
})

test('at the gate, paused by the streamer, and ended, nothing is in a person\'s way', async context => {
  const app = await App.live(context, channel, broadcast('--sensitive'))
  await open(app.link)
  await inEach(page => untilPlayed(page, 4))
  await inEach(page => page.getByRole('button', { name: 'Show it' }).waitFor())
  await nothingIsInTheWay('at the gate')
  await inEach(page => page.getByRole('button', { name: 'Show it' }).click())
  await nothingIsInTheWay('behind the gate')
  app.tell('pause')
  await inEach(page => untilStatus(page, 'paused'))
  await nothingIsInTheWay('paused')
  app.tell('continue')
  await inEach(page => untilPlayed(page, 1))
  await inEach(page => page.keyboard.press('k'))
  await nothingIsInTheWay('paused by the viewer')
  await app.stop()
  await inEach(page => untilStatus(page, 'ended'))
  await nothingIsInTheWay('ended')
})

test('in a frame of another page, and with a link that is wrong, nothing is in a person\'s way', async context => {
  const app = await App.live(context, channel, broadcast())
  await open(app.link.replace('/#', '/?embed#'))
  await inEach(page => untilPlayed(page, 1))
  await nothingIsInTheWay('embedded')
  await inEach(page => page.goto('about:blank'))
  await inEach(page => page.goto(`${app.link}x`))
  await inEach(page => untilStatus(page, 'bad-link'))
  await nothingIsInTheWay('with a wrong link')
  await app.stop()
})
