// The Debian package, made of the program that is built already: it passes Debian's own checks, and what it installs works.
// It is installed for real, for which these tests are root or may become it with sudo, and removed at the end.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Channel, PROGRAM } from '../browser/app.mjs'
import { openDisplay } from '../browser/display.mjs'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const INSTALLED = '/usr/bin/liveontorrent'
/** For what takes a second on an idle machine. */
const PATIENCE_MS = 60_000

const channel = new Channel()
const environment = { ...process.env, XDG_CONFIG_HOME: channel.folder }
let packed = ''
let isInstalled = false

before(() => {
  assert.ok(!existsSync(INSTALLED), `${INSTALLED} is there already; these tests would replace it: remove the package first`)
  packed = run('scripts/package', [dirname(PROGRAM)]).trim()
  // From here on there is something to remove, even when the installation stops half way.
  isInstalled = true
  asRoot('dpkg', ['--install', packed])
})
after(() => {
  channel.remove()
  if (isInstalled) asRoot('dpkg', ['--purge', 'liveontorrent'])
})

test('Debian finds no fault with the package', () => {
  // Bugs are closed by uploads to Debian only.
  run('lintian', ['--allow-root', '--fail-on', 'error,warning', '--suppress-tags', 'initial-upload-closes-no-bugs', packed])
})

test('the desktop entry and the AppStream file are valid', () => {
  run('desktop-file-validate', ['/usr/share/applications/liveontorrent.desktop'])
  run('appstreamcli', ['validate', '--no-net', '/usr/share/metainfo/io.github.liveontorrent.liveontorrent.metainfo.xml'])
})

test('the Flatpak manifest speaks of the same app, and of files that are there', () => {
  const manifest = JSON.parse(readFileSync(join(PROJECT, 'packaging/flatpak/io.github.liveontorrent.liveontorrent.json'), 'utf8'))
  const described = readFileSync(join(PROJECT, `packaging/linux/${manifest.id}.metainfo.xml`), 'utf8')
  assert.ok(described.includes(`<id>${manifest.id}</id>`))
  assert.equal(manifest['rename-desktop-file'], 'liveontorrent.desktop')
  /** @type {string[]} */
  const commands = manifest.modules.at(-1)['build-commands']
  const named = commands.flatMap(command => command.match(/packaging\/\S+/g) ?? [])
  assert.ok(named.length >= 2, commands.join('\n'))
  for (const file of named) assert.ok(existsSync(join(PROJECT, file)), file)
})

test('the package brings everything that the program opens while it runs', () => {
  const depends = run('dpkg-query', ['--show', '--showformat=${Depends}', 'liveontorrent'])
  for (const library of ['libc6', 'libgstreamer1.0-0', 'libgstreamer-plugins-base1.0-0', 'gstreamer1.0-plugins-ugly', 'libegl1']) {
    assert.ok(depends.split(/, | \(| \| /).includes(library), `${library} is not in: ${depends}`)
  }
})

test('the installed program broadcasts', () => {
  const said = run(INSTALLED, ['broadcast', '--source', 'test', '--listen', '127.0.0.1:0', '--duration', '3', '--json'])
  const events = said.trim().split('\n').map(line => JSON.parse(line))
  assert.deepEqual([events[0].event, events.at(-1).event], ['live', 'ended'])
  assert.ok(events.some(({ segments }) => segments > 0), said)
})

test('the installed program opens its window, which a desktop knows by the entry', async context => {
  const display = await openDisplay(context)
  const desktop = { ...environment, DISPLAY: display, WAYLAND_DISPLAY: '' }
  const program = spawn(INSTALLED, [], { env: desktop, stdio: ['ignore', 'inherit', 'inherit'] })
  context.after(() => program.kill('SIGKILL'))
  const window = await until(() => xdotool(desktop, ['search', '--onlyvisible', '--name', '^Live on Torrent$']))
  const { WIDTH, HEIGHT } = Object.fromEntries(
    xdotool(desktop, ['getwindowgeometry', '--shell', window]).split('\n').map(line => line.split('=')))
  assert.ok(Number(WIDTH) >= 480 && Number(HEIGHT) >= 420, `${WIDTH}x${HEIGHT}`)
  // By its class a desktop finds the entry that was installed, and with it the icon.
  const entry = readFileSync('/usr/share/applications/liveontorrent.desktop', 'utf8')
  const shown = run('xprop', ['-display', display, '-id', window, 'WM_CLASS'])
  assert.ok(shown.includes(`"${/^StartupWMClass=(.*)$/m.exec(entry)?.[1]}"`), shown)
  // Something is drawn: more than a ground of one colour.
  await until(() => {
    const colours = run('import', ['-display', display, '-window', window, '-format', '%k', 'info:'])
    return Number(colours) > 100 ? colours : ''
  })
})

test('the icon looks the same with and without pixels', () => {
  const theme = '/usr/share/icons/hicolor'
  const drawn = join(channel.folder, 'drawn.png')
  run('rsvg-convert', ['--width', '128', '--height', '128', '--output', drawn, `${theme}/scalable/apps/liveontorrent.svg`])
  // It says how they differ on standard error, and ends with 1 when they do at all.
  const { stderr } = spawnSync('compare', ['-metric', 'RMSE', '-background', 'white', '-alpha', 'remove',
    `${theme}/128x128/apps/liveontorrent.png`, drawn, 'null:'], { encoding: 'utf8' })
  const [, share] = /\(([\d.e-]+)\)/.exec(stderr) ?? []
  assert.ok(Number(share) < 0.03, stderr)
})

test('systemd finds the hub\'s units in order, and little that they expose', () => {
  const unit = '/usr/lib/systemd/system/liveontorrent-hub.service'
  const socket = '/usr/lib/systemd/system/liveontorrent-hub.socket'
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit, socket], { encoding: 'utf8' })
  assert.equal(verified.stderr.split('\n').filter(line => line.includes('liveontorrent-hub')).join('\n'), '')
  // Out of 100; what is left is the network, for which it is there.
  run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit])
})

test('the hub runs with the options that its unit gives it', async context => {
  const options = /^HUB_OPTIONS="(.*)"$/m.exec(readFileSync('/etc/default/liveontorrent-hub', 'utf8'))?.[1] ?? ''
  assert.match(options, /--listen \d+/)
  // Another port: that one may be taken here.
  const line = options.replace(/--listen \d+/, '--listen 127.0.0.1:0').split(' ')
  const hub = spawn(INSTALLED, ['hub', ...line, '--json'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => hub.kill('SIGKILL'))
  const gone = once(hub, 'exit')
  const lines = createInterface({ input: hub.stdout })
  const [said] = await once(lines, 'line')
  const [address] = JSON.parse(said).urls
  assert.equal((await fetch(new URL('/live/', address))).status, 200)
  hub.kill('SIGTERM')
  assert.deepEqual(await gone, [0, null])
})

test('the hub takes the socket at which systemd listens for it', async context => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (free.address())
  free.close()
  await once(free, 'close')
  // It listens, and becomes the program with the first who comes.
  const hub = spawn('systemd-socket-activate', ['--listen', `127.0.0.1:${port}`, '--fdname', 'hub', INSTALLED, 'hub', '--listen', '127.0.0.1:1', '--json'],
    { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  context.after(() => hub.kill('SIGKILL'))
  const gone = once(hub, 'exit')
  const lines = createInterface({ input: hub.stdout })
  const saying = once(lines, 'line')
  let answer
  while (answer === undefined) answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => sleep(50))
  assert.equal(answer.status, 200)
  assert.deepEqual(JSON.parse((await saying)[0]).urls, [`http://127.0.0.1:${port}/`])
  hub.kill('SIGTERM')
  assert.deepEqual(await gone, [0, null])
})

test('there is a manual page for the program and for each command', () => {
  const help = run(INSTALLED, ['--help'])
  const commands = [...help.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, name]) => name).filter(name => name !== 'help')
  assert.ok(commands.includes('broadcast') && commands.includes('relay'), help)
  for (const page of ['liveontorrent', ...commands.map(name => `liveontorrent-${name}`)]) {
    const file = run('man', ['-w', page]).trim()
    // `man` complains on standard error and ends well.
    const rendered = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', file], { encoding: 'utf8', env: { ...environment, MANWIDTH: '80' } })
    assert.equal(rendered.stderr, '', page)
    assert.ok(rendered.stdout.includes('SYNOPSIS'), page)
  }
})

test('bash completes commands and options', () => {
  assert.deepEqual(completed(['liveontorrent', 'bro']), ['broadcast'])
  assert.deepEqual(completed(['liveontorrent', 'relay', '--upl']), ['--upload-limit'])
})

/**
 * What bash offers for the last word of a line, with the installed completions loaded as bash-completion loads them.
 * @param {string[]} words
 */
function completed (words) {
  const script = `
    source /usr/share/bash-completion/bash_completion
    _completion_loader liveontorrent
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=\${#COMP_LINE}
    read -r -a how < <(complete -p liveontorrent)
    while [ "\${how[0]}" != -F ]; do how=("\${how[@]:1}"); done
    "\${how[1]}" liveontorrent "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`
  return run('bash', ['-c', script, 'bash', ...words]).trim().split('\n')
}

/**
 * @param {() => string} look what it is waited for, empty until it is there
 */
async function until (look) {
  const start = Date.now()
  for (;;) {
    const seen = look()
    if (seen !== '') return seen
    assert.ok(Date.now() - start < PATIENCE_MS, `waited in vain for ${look}`)
    await sleep(100)
  }
}

/**
 * @param {NodeJS.ProcessEnv} desktop
 * @param {string[]} line
 * @returns {string} empty when it finds nothing
 */
function xdotool (desktop, line) {
  return spawnSync('xdotool', line, { encoding: 'utf8', env: desktop }).stdout.trim()
}

/**
 * @param {string} program
 * @param {string[]} line
 */
function asRoot (program, line) {
  return process.getuid?.() === 0 ? run(program, line) : run('sudo', [program, ...line])
}

/**
 * @param {string} program
 * @param {string[]} line
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string} what it says; it fails with all that it says when it fails
 */
function run (program, line, env = environment) {
  const { status, stdout, stderr, error } = spawnSync(program, line, { cwd: PROJECT, encoding: 'utf8', env })
  assert.equal(status, 0, `${program} ${line.join(' ')}: ${error ?? ''}\n${stdout}\n${stderr}`)
  return stdout
}
