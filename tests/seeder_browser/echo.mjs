// A peer in headless Chromium that sends back what it receives, driven over standard input and output, one JSON value a
// line: `node echo.mjs offer` makes an offer and reads an answer, `node echo.mjs answer` reads an offer and answers it.
// After that, `"close"` closes the connection. tests/seeder_browser/main.rs is the other side.

import { createInterface } from 'node:readline'
import puppeteer from 'puppeteer-core'

const role = process.argv[2]
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** The next value from the other side. */
async function hear () {
  const { value, done } = await lines.next()
  if (done) throw new Error('the other side is gone')
  return JSON.parse(value)
}

/** @param {unknown} value */
function say (value) {
  process.stdout.write(JSON.stringify(value) + '\n')
}

// As people run it: host candidates hide the addresses behind names of multicast DNS.
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox']
})
try {
  const page = await browser.newPage()
  await page.evaluate(() => {
    const connection = globalThis.connection = new RTCPeerConnection()
    /** @param {RTCDataChannel} channel */
    globalThis.echo = channel => {
      channel.binaryType = 'arraybuffer'
      channel.onmessage = message => channel.send(message.data)
    }
    connection.ondatachannel = event => globalThis.echo(event.channel)
    /** @returns the local description with all its candidates */
    globalThis.described = async () => {
      while (connection.iceGatheringState !== 'complete') {
        await new Promise(resolve => { connection.onicegatheringstatechange = resolve })
      }
      return connection.localDescription.sdp
    }
  })
  if (role === 'offer') {
    say(await page.evaluate(async () => {
      globalThis.echo(globalThis.connection.createDataChannel('lt'))
      await globalThis.connection.setLocalDescription()
      return globalThis.described()
    }))
    await page.evaluate(sdp => globalThis.connection.setRemoteDescription({ type: 'answer', sdp }), await hear())
  } else {
    say('ready')
    say(await page.evaluate(async sdp => {
      await globalThis.connection.setRemoteDescription({ type: 'offer', sdp })
      await globalThis.connection.setLocalDescription()
      return globalThis.described()
    }, await hear()))
  }
  if (await hear() === 'close') await page.evaluate(() => globalThis.connection.close())
  // Until the other side has seen it.
  await hear()
} finally {
  await browser.close()
  // Open, it would keep this program waiting.
  process.stdin.destroy()
}
