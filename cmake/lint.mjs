// clang-tidy over src/, each source only when its text, its headers, its flags or the checks changed since it last
// passed. Needs an up-to-date build/release: the headers of a source are the ones that ninja recorded.
//   node cmake/lint.mjs [--changed]     --changed: only sources that a difference from origin/main touches
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = process.cwd();
const build = path.join(root, 'build/release');
const passed = path.join(root, '.cache/lint');
mkdirSync(passed, { recursive: true });

const plugin_source = 'cmake/lint_scope.cpp';
const output = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });

/** Files of this project that each source under src/ reads, by source. */
function dependencies() {
    const bySource = new Map();
    let current = [];
    for (const line of output('ninja', '-C', build, '-t', 'deps').split('\n')) {
        if (!line.startsWith(' ')) {
            current = [];
            continue;
        }
        const file = path.relative(root, path.resolve(build, line.trim()));
        if (file.startsWith('..') || file.startsWith('build')) {
            continue;
        }
        current.push(file);
        if (file.startsWith('src/') && file.endsWith('.cpp')) {
            bySource.set(file, current);
        }
    }
    return bySource;
}

const contents = new Map();
function digestOf(file) {
    if (!contents.has(file)) {
        contents.set(file, createHash('sha256').update(readFileSync(file)).digest('hex'));
    }
    return contents.get(file);
}

/** Builds the plugin that keeps clang-tidy to this project's declarations. */
function plugin() {
    const built = path.join(passed, `scope-${digestOf(plugin_source).slice(0, 16)}.so`);
    if (!existsSync(built)) {
        const flags = ['-std=c++17', '-O1', '-fPIC', '-shared', '-fno-rtti', '-I/usr/lib/llvm-19/include'];
        output('clang++-19', ...flags, plugin_source, '-o', built);
    }
    return built;
}

function changedFiles() {
    const base = output('git', 'merge-base', 'origin/main', 'HEAD').trim();
    return new Set(output('git', 'diff', '--name-only', base).split('\n').filter(Boolean));
}

const commands = new Map(
    JSON.parse(readFileSync(path.join(build, 'compile_commands.json'), 'utf8'))
        .map((entry) => [path.relative(root, entry.file), entry.command]),
);
const only = process.argv.includes('--changed') ? changedFiles() : null;
const bySource = dependencies();
const unbuilt = [...commands.keys()].filter((source) => source.startsWith('src/') && !bySource.has(source));
if (unbuilt.length > 0) {
    console.error(`没有构建 / not built: ${unbuilt.join(' ')}`);
    process.exit(1);
}
const waiting = [];
for (const [source, files] of bySource) {
    if (!commands.has(source) || !existsSync(source) || (only && !files.some((file) => only.has(file)))) {
        continue;
    }
    const key = createHash('sha256')
        .update(digestOf('.clang-tidy')).update(digestOf(plugin_source)).update(commands.get(source));
    for (const file of files.filter(existsSync).sort()) {
        key.update(file).update(digestOf(file));
    }
    const mark = path.join(passed, key.digest('hex'));
    if (!existsSync(mark)) {
        waiting.push({ source, mark });
    }
}

const scope = plugin();
let refused = 0;
async function worker() {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
        const args = ['-p', build, `--load=${scope}`, '--quiet', '--warnings-as-errors=*', next.source];
        const { code, text } = await new Promise((done) => {
            execFile('clang-tidy-19', args, { maxBuffer: 1 << 26 },
                (error, stdout, stderr) => done({ code: error ? error.code : 0, text: stdout + stderr }));
        });
        if (code === 0) {
            writeFileSync(next.mark, '');
            continue;
        }
        refused += 1;
        console.log(`${next.source}\n${text.replace(/^\d+ warnings? (generated|treated).*$/gm, '').trim()}\n`);
    }
}
console.error(`clang-tidy: ${waiting.length} 个文件 / files`);
await Promise.all(Array.from({ length: os.cpus().length }, worker));
process.exit(refused ? 1 : 0);
