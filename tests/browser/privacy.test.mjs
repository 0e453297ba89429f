import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { App, Channel } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { untilPlayed } from './watching.mjs'

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
const channel = new Channel()
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

test('no request leaves for another host, nothing is refused, and only the volume is stored', async context => {
  const app = await App.live(context, channel)
  const browsing = await browser.newContext()
  const page = await browsing.newPage()
  const { host } = new URL(app.link)
  /** @type {string[]} */
  const elsewhere = []
  /** @type {string[]} */
  const said = []
  const note = (/** @type {string} */ url) => {
    // What the page makes itself has no host.
    if (!url.startsWith('blob:') && !url.startsWith('data:') && new URL(url).host !== host) elsewhere.push(url)
  }
  page.on('request', request => note(request.url()))
  page.on('websocket', socket => note(socket.url()))
  page.on('console', message => said.push(message.text()))
  page.on('pageerror', error => said.push(error.message))
  page.on('requestfailed', request => said.push(`failed: ${request.url()}`))
  await page.goto(app.link)
  await untilPlayed(page, 8)
  await page.keyboard.press('ArrowDown')
  assert.deepEqual(elsewhere, [])
  assert.deepEqual(said, [])
  const { cookies, origins } = await browsing.storageState()
  assert.deepEqual(cookies, [])
  assert.deepEqual(origins, [{ origin: `http://${host}`, localStorage: [{ name: 'volume', value: '0.95' }] }])
  const elsewhereStored = await page.evaluate(async () =>
    sessionStorage.length + (await indexedDB.databases()).length)
  assert.equal(elsewhereStored, 0)
  await app.stop()
})

test('every module of the page is asked for at once', async context => {
  const app = await App.live(context, channel)
  const page = await browser.newPage()
  /** @type {Set<string>} */
  const loaded = new Set()
  page.on('response', response => {
    if (response.headers()['content-type']?.startsWith('text/javascript')) loaded.add(response.url())
  })
  await page.goto(app.link)
  await untilPlayed(page, 1)
  const named = await page.evaluate(() =>
    [...document.querySelectorAll('script[src], link[rel=modulepreload]')].map(element => {
      return element instanceof HTMLScriptElement ? element.src : /** @type {HTMLLinkElement} */ (element).href
    }))
  assert.deepEqual([...loaded].sort(), named.sort())
  await app.stop()
})
