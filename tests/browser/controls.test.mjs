import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { until, untilPlayed, untilStatus } from './watching.mjs'

/** @typedef {import('./browsers.mjs').Page} Page */

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
/** @type {App} */
let app
/** What is to be ended after the tests. @type {(() => unknown)[]} */
const ends = []
before(async () => {
  // As people have it: sound only after a touch.
  browser = await openChromium({ autoplay: false })
  app = await App.live({ after: end => ends.push(end) }, channel, { title: 'A title that is long enough to need more than one line on a phone' })
})
after(async () => {
  await browser?.close()
  for (const end of ends) await end()
  channel.remove()
})

/**
 * Opens a page that plays and that nobody has touched. Playwright's `evaluate` counts as a touch.
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
async function openUntouched (options) {
  const page = await browser.newPage(options)
  await page.goto(app.link)
  const session = await page.context().newCDPSession(page)
  const expression = `(${() => {
    const stats = /** @type {any} */ (window).liveOnTorrent?.stats()
    return stats?.status === 'live' && stats.segments > 4
  }})()`
  const deadline = Date.now() + 30_000
  while (!(await session.send('Runtime.evaluate', { expression })).result.value) {
    assert.ok(Date.now() < deadline, 'it plays in time')
    await sleep(50)
  }
  return page
}

/** @param {Page} page */
function video (page) {
  return page.evaluate(() => {
    const { paused, muted, volume } = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    return { paused, muted, volume: Math.round(volume * 100) }
  })
}

test('where the browser wants it the page starts muted, with a large button, and one tap brings the sound', async () => {
  const page = await openUntouched()
  assert.deepEqual(await video(page), { paused: false, muted: true, volume: 100 })
  const button = page.getByRole('button', { name: 'Tap for sound' })
  const box = await button.boundingBox()
  assert.ok(box !== null && box.width >= 150 && box.height >= 44)
  await button.click()
  assert.deepEqual(await video(page), { paused: false, muted: false, volume: 100 })
  assert.equal(await button.isVisible(), false)
  await page.close()
})

test('the keys that players share work, and none of them seeks', async () => {
  const page = await openUntouched()
  await page.keyboard.press('m')
  assert.equal((await video(page)).muted, false)
  await page.keyboard.press('m')
  assert.equal((await video(page)).muted, true)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  assert.equal((await video(page)).volume, 90)
  await page.keyboard.press('ArrowUp')
  assert.deepEqual(await video(page), { paused: false, muted: false, volume: 95 })
  for (const key of [' ', 'k']) {
    await page.keyboard.press(key)
    assert.equal((await video(page)).paused, true)
    await page.keyboard.press(key)
    await until(page, 'playing again', () => true)
    assert.equal((await video(page)).paused, false)
  }
  await page.keyboard.press('f')
  await page.waitForFunction(() => document.fullscreenElement !== null)
  await page.keyboard.press('f')
  await page.waitForFunction(() => document.fullscreenElement === null)
  await page.keyboard.press('n')
  assert.equal(await page.getByRole('button', { name: 'Who carries what' }).getAttribute('aria-expanded'), 'true')
  const position = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)
  const before = await position()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Home')
  assert.ok(await position() >= before)
  await page.close()
})

test('who pauses and comes back is at the live moment again', async () => {
  const page = await browser.newPage()
  await page.goto(app.link)
  await untilPlayed(page, 4)
  await page.keyboard.press('k')
  const { segments } = await untilStatus(page, 'live')
  await until(page, 'twelve segments while paused', measured => measured.segments >= segments + 12)
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await until(page, 'less than 1.5 s to play', measured => measured.buffer < 1.5 && measured.buffer > 0)
  await untilPlayed(page, 4)
  await page.close()
})

test('the volume is remembered', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(app.link)
  await untilPlayed(page, 1)
  await page.getByRole('slider', { name: 'Volume' }).fill('0.4')
  await page.reload()
  await untilPlayed(page, 1)
  assert.equal((await video(page)).volume, 40)
  await context.close()
})

test('each control says what it is', async () => {
  const page = await browser.newPage()
  await page.goto(app.link)
  await untilPlayed(page, 1)
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, input')].filter(element => {
      const { labels } = /** @type {HTMLButtonElement | HTMLInputElement} */ (element)
      return !element.getAttribute('aria-label') && !element.textContent?.trim() && !labels?.length
    }).length)
  assert.equal(nameless, 0)
  assert.equal(await page.getByRole('status').textContent(), 'Live')
  await page.close()
})

for (const [what, viewport] of Object.entries({
  'a small phone': { width: 320, height: 568 },
  'a phone': { width: 390, height: 844 },
  'a phone on its side': { width: 667, height: 375 }
})) {
  test(`on ${what} everything fits, and a finger hits it`, async () => {
    const page = await openUntouched({ viewport, hasTouch: true, isMobile: true })
    await page.getByRole('button', { name: 'Tap for sound' }).tap()
    await page.getByRole('button', { name: 'Who carries what' }).tap()
    const layout = await page.evaluate(() => {
      const visible = [...document.querySelectorAll('.controls > *, h1, .facts, .card *')]
        .filter(element => element instanceof HTMLElement && element.offsetParent !== null)
      return {
        width: document.documentElement.scrollWidth,
        outside: visible.filter(element => {
          const { left, right } = element.getBoundingClientRect()
          return left < 0 || right > innerWidth
        }).map(element => element.id || element.className),
        small: [...document.querySelectorAll('button')].filter(element => {
          const { width, height } = element.getBoundingClientRect()
          return element.offsetParent !== null && (width < 44 || height < 44)
        }).map(element => element.id)
      }
    })
    assert.deepEqual(layout, { width: viewport.width, outside: [], small: [] })
    await page.close()
  })
}
