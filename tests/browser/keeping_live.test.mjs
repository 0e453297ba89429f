// The parts that keep playing near the live edge, on a clock of the tests' own.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Arrivals } from '../../assets/viewer/media/arrivals.js'
import { Delay } from '../../assets/viewer/media/delay.js'
import { Hold } from '../../assets/viewer/media/hold.js'
import { LiveEdge } from '../../assets/viewer/media/live-edge.js'
import { StallWatch } from '../../assets/viewer/media/stall.js'

/**
 * @param {...[number, number]} ranges
 * @returns {TimeRanges}
 */
function timeRanges (...ranges) {
  return { length: ranges.length, start: at => ranges[at][0], end: at => ranges[at][1] }
}

describe('arrivals', () => {
  test('a segment that took longer than the fastest of late is late by the difference', () => {
    const arrivals = new Arrivals()
    assert.equal(arrivals.add(10, 1), 0)
    assert.equal(arrivals.add(10.5, 1.25), 0.25)
    assert.equal(arrivals.edge(11), 2)
  })

  test('old segments that come at once when somebody joins are not late', () => {
    const arrivals = new Arrivals()
    for (const end of [1, 1.25, 1.5, 1.75]) assert.equal(arrivals.add(10, end), 0)
    assert.equal(arrivals.edge(10), 1.75)
  })

  test('a path that has become longer for good is taken as it is after a while', () => {
    const arrivals = new Arrivals()
    arrivals.add(10, 1)
    for (let at = 11; at < 30; at++) arrivals.add(at, at - 10)
    assert.equal(arrivals.add(30, 20), 0)
  })

  test('after an outage the path is measured anew', () => {
    const arrivals = new Arrivals()
    arrivals.add(10, 1)
    assert.equal(arrivals.add(70, 2), 0)
    assert.equal(arrivals.edge(70), 2)
  })
})

describe('what is held', () => {
  test('grows a bit with a hiccup, however many segments that held up', () => {
    const hold = new Hold()
    const before = hold.seconds(0)
    for (const lateness of [1, 0.75, 0.5, 0.25]) hold.late(0.1, lateness)
    const after = hold.seconds(0.2)
    assert.ok(after > before && after < before + 0.2, `${before} to ${after}`)
  })

  test('grows to what is needed when segments keep coming late, and stays there', () => {
    const hold = new Hold()
    for (let now = 0; now < 60; now += 0.25) hold.late(now, now % 5 < 0.25 ? 0.4 : 0)
    assert.ok(hold.seconds(60) >= 0.4)
  })

  test('shrinks slowly to where it began', () => {
    const hold = new Hold()
    const least = hold.seconds(0)
    hold.late(0, 0.3)
    const grown = hold.seconds(1)
    assert.equal(hold.seconds(20), grown)
    assert.ok(hold.seconds(60) < grown)
    assert.ok(hold.seconds(600) - least < 0.001)
  })
})

describe('the live edge', () => {
  const at = { playhead: 10, end: 13, joining: false }

  test('is left alone when it is near enough', () => {
    assert.deepEqual(new LiveEdge().correct({ ...at, target: 10.03 }), { rate: 1, jump: undefined })
  })

  test('is approached faster the further behind playing is, and by a jump from far behind', () => {
    const edge = new LiveEdge()
    const rates = [0.1, 0.3, 0.6].map(behind => edge.correct({ ...at, target: 10 + behind }).rate)
    assert.ok(rates[0] > 1 && rates[1] > rates[0] && rates[2] > rates[1], `${rates}`)
    assert.deepEqual(edge.correct({ ...at, target: 12 }), { rate: 1, jump: 12 })
  })

  test('who joins jumps from nearer', () => {
    assert.equal(new LiveEdge().correct({ ...at, target: 10.5, joining: true }).jump, 10.5)
  })

  test('a jump never goes behind what is there', () => {
    const { jump } = new LiveEdge().correct({ ...at, target: 20 })
    assert.ok(jump !== undefined && jump < 13)
  })

  test('is never chased into a stall', () => {
    assert.equal(new LiveEdge().correct({ playhead: 10, end: 10.05, target: 10.5, joining: false }).rate, 1)
  })

  test('playing that is ahead of it slows down a little', () => {
    const { rate } = new LiveEdge().correct({ ...at, target: 9.8 })
    assert.ok(rate < 1 && rate >= 0.9)
  })

  test('a correction goes on until the error is small, so that the rate does not flutter', () => {
    const edge = new LiveEdge()
    assert.equal(edge.correct({ ...at, target: 10.05 }).rate, 1)
    assert.ok(edge.correct({ ...at, target: 10.07 }).rate > 1)
    assert.ok(edge.correct({ ...at, target: 10.05 }).rate > 1)
    assert.equal(edge.correct({ ...at, target: 10.01 }).rate, 1)
  })
})

describe('a stall', () => {
  /** @param {number} currentTime @param {[number, number][]} ranges */
  const video = (currentTime, ...ranges) => ({ currentTime, buffered: timeRanges(...ranges) })

  test('with nothing to play is waited out, and counted once', () => {
    const watch = new StallWatch()
    for (let tenths = 0; tenths < 50; tenths++) {
      const advice = watch.look(tenths / 10, video(10, [0, 10]))
      assert.equal(advice.help, tenths < 2 ? 'none' : 'wait')
    }
    watch.look(5, video(10.1, [0, 11]))
    assert.equal(watch.stalls, 1)
    assert.ok(watch.seconds > 4.5 && watch.seconds <= 5)
  })

  test('before a hole is ended by going on behind it', () => {
    const watch = new StallWatch()
    watch.look(0, video(10, [0, 10], [12, 13]))
    assert.deepEqual(watch.look(0.3, video(10, [0, 10], [12, 13])), { help: 'skip', to: 12 })
  })

  test('with enough to play is ended by a nudge, and by a new stream when nudges do not help', () => {
    const watch = new StallWatch()
    const helps = []
    for (let now = 0; now < 6; now += 0.1) {
      const { help } = watch.look(now, video(10, [0, 15]))
      if (help !== 'none') helps.push(help)
    }
    assert.deepEqual(helps.slice(0, 4), ['nudge', 'nudge', 'nudge', 'rebuild'])
  })

  test('is not seen where playing goes on', () => {
    const watch = new StallWatch()
    for (let now = 0; now < 5; now += 0.1) assert.equal(watch.look(now, video(now, [0, 10])).help, 'none')
    assert.equal(watch.stalls, 0)
  })
})

describe('the delay', () => {
  const segment = /** @type {import('../../assets/viewer/wasm/swarm_web.js').MediaSegment} */ (
    { presentationTime: 10, duration: 0.25, capturedAt: 1_000_010_250 })

  test('is the difference of the clocks where they seem to agree', () => {
    const delay = new Delay()
    delay.add(segment)
    assert.deepEqual(delay.at(1_000_010.5, 10, 10.3), { seconds: 0.5, byClocks: true })
  })

  test('is what the page knows for sure where a clock is wrong', () => {
    const delay = new Delay()
    delay.add(segment)
    for (const wrong of [-3600, 3600]) {
      const { seconds, byClocks } = delay.at(1_000_010.5 + wrong, 10, 10.25) ?? {}
      assert.equal(byClocks, false)
      assert.equal(seconds, 0.25)
    }
  })
})
