// The page in its readers' languages: nothing is missing in one of them, and each is shown to who reads it.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import portuguese from '../../assets/viewer/texts/pt.js'
import spanish from '../../assets/viewer/texts/es.js'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { untilPlayed, untilStatus, words } from './watching.mjs'

const VIEWER = new URL('../../assets/viewer/', import.meta.url)
/** Names, and what is the same in all of them. */
const SAME = ['Live on Torrent', '–', 'Volume', 'Link']

/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
const channel = new Channel()
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/** What the page's modules say: what stands in a call of `t`. */
function said () {
  const files = ['main.js', 'support.js', ...['page', 'media', 'swarm'].flatMap(folder =>
    readdirSync(new URL(folder, VIEWER)).map(name => `${folder}/${name}`))]
  return files.filter(name => name !== 'page/texts.js').flatMap(name => {
    const source = readFileSync(new URL(name, VIEWER), 'utf8')
    return [...source.matchAll(/\bt\(([^()]*)/g)].flatMap(([, call]) => {
      // With a condition there are two, and the condition itself holds no text.
      const texts = call.includes('?') ? call.slice(call.indexOf('?')) : call
      return [...texts.matchAll(/'([^']*)'/g)].map(([, text]) => text)
    })
  })
}

test('no language lacks a text', () => {
  assert.deepEqual(Object.keys(portuguese), Object.keys(spanish))
  const texts = said()
  assert.ok(texts.length > 30, String(texts))
  assert.deepEqual(texts.filter(text => !(text in spanish)), [])
  for (const language of [portuguese, spanish]) {
    for (const [english, text] of Object.entries(language)) {
      assert.equal(text.split('{}').length, english.split('{}').length, text)
    }
  }
})

for (const [locale, language, live] of /** @type {const} */ ([['pt-BR', portuguese, 'Ao vivo'], ['es-MX', spanish, 'En vivo']])) {
  test(`a reader of ${locale} reads nothing in English`, async context => {
    const app = await App.live(context, channel, {
      ...SMALL_PICTURE,
      title: '100 %',
      details: ['--category', 'music', '--donation', 'https://donate.example/', '--keyword', '1', '--sensitive']
    })
    const page = await browser.newPage({ locale, viewport: { width: 320, height: 640 } })
    await page.goto(app.link)
    await untilPlayed(page, 4)
    assert.equal((await words(page)).badge, live)
    assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2))
    await page.keyboard.press('n')
    const shown = await page.evaluate(() => {
      const found = []
      const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      while (nodes.nextNode()) found.push(nodes.currentNode.nodeValue?.trim() ?? '')
      for (const element of document.querySelectorAll('[aria-label], [title]')) {
        found.push(element.getAttribute('aria-label') ?? '', element.getAttribute('title') ?? '')
      }
      return found
    })
    const english = Object.keys(language).filter(text => !SAME.includes(text) && /** @type {Record<string, string>} */ (language)[text] !== text)
    assert.deepEqual(shown.filter(text => english.includes(text)), [])
    assert.deepEqual(shown.filter(text => /\b(the|you|this|and|viewers?)\b/i.test(text) && !text.includes('JavaScript')), [])
    await app.stop()
    await untilStatus(page, 'ended')
    assert.ok((await words(page)).notice.startsWith(/** @type {Record<string, string>} */ (language)['The broadcast has ended']))
    await page.close()
  })
}

test('who reads neither reads English, and no texts are loaded', async context => {
  const app = await App.live(context, channel, SMALL_PICTURE)
  for (const locale of ['de-AT', 'en-GB']) {
    const page = await browser.newPage({ locale })
    /** @type {string[]} */
    const loaded = []
    page.on('request', request => loaded.push(request.url()))
    await page.goto(app.link)
    await untilPlayed(page, 1)
    assert.equal((await words(page)).badge, 'Live')
    assert.deepEqual(loaded.filter(url => url.includes('/texts/')), [])
    await page.close()
  }
  await app.stop()
})
