/** How the pages look: system fonts, light and dark by the reader's own choice, nothing from elsewhere. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #d5dae1; --field: #858f9c; --soft: #f4f6f9; --text: #16191d; --quiet: #525b66; --back: #ffffff; --link: #0b57c2; --bad: #a3180f; --good: #1a6b2f; --warn: #8a4b00; --mark: #e8f0fd; }
@media (prefers-color-scheme: dark) {
  :root { --line: #343b45; --field: #77818e; --soft: #1d2229; --text: #e8ebef; --quiet: #a6afba; --back: #14181d; --link: #82b4ff; --bad: #ff9d94; --good: #7fd698; --warn: #f0b45e; --mark: #1b2b45; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; padding: .7rem 1.5rem; background: var(--soft); border-bottom: 1px solid var(--line); }
header .home { font-weight: 700; letter-spacing: -.01em; font-size: 1.1rem; color: inherit; text-decoration: none; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.1rem; align-items: center; }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration-thickness: 2px; }
.who, .quiet, small { color: var(--quiet); }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
main.wide { max-width: 88rem; }
h1 { font-size: 1.7rem; line-height: 1.25; letter-spacing: -.02em; margin: .25rem 0 1rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
form { display: inline-flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 0; }
form.block { display: flex; gap: .8rem; margin: 1rem 0; }
label, .field { display: grid; gap: .2rem; font-size: .9rem; }
label.tick { display: flex; gap: .5rem; align-items: baseline; font-size: 1rem; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem 1rem; margin: 0; width: 100%; }
legend { padding: 0 .4rem; font-size: .9rem; }
.ticks { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: .25rem 1.5rem; margin: .5rem 0 0 1.6rem; }
input, select, button { font: inherit; max-width: 100%; padding: .4rem .7rem; border: 1px solid var(--field); border-radius: .4rem; background: var(--back); color: inherit; }
input { min-width: min(14rem, 100%); }
input[type="number"] { min-width: 6rem; width: 6rem; }
input[type="checkbox"], input[type="radio"] { flex: none; min-width: 0; padding: 0; accent-color: var(--link); }
input[aria-invalid], select[aria-invalid] { border: 2px solid var(--bad); }
button { background: var(--soft); cursor: pointer; }
button:hover { border-color: var(--link); }
button.main, a.main { display: inline-block; background: var(--link); border: 1px solid var(--link); color: var(--back); border-radius: .4rem; padding: .45rem .9rem; font-weight: 600; text-decoration: none; }
ul.choices, ul.plain { list-style: none; padding: 0; display: grid; gap: .6rem; justify-items: start; }
.allowed { margin: .3rem 0; padding-left: 1.2rem; }
.lead { font-size: 1.15rem; }
.cards { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .8rem; }
.cards li { border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.cards a { font-weight: 600; } .cards p { margin: .2rem 0 0; color: var(--quiet); font-size: .92rem; }
.scroll { overflow-x: auto; margin-bottom: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
td, td code { overflow-wrap: break-word; }
th { font-weight: 600; }
thead th { font-size: .88rem; color: var(--quiet); }
code, pre, .key { font: .93rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; white-space: pre-wrap; }
input.key { display: block; width: 100%; padding: .8rem; background: var(--soft); }
.bad { color: var(--bad); } .good { color: var(--good); }
.notice { border: 1px solid var(--bad); border-left-width: .4rem; border-radius: .4rem; padding: .1rem 1rem; margin: 0 0 1rem; }
.badge { display: inline-block; border: 1px solid; border-radius: 1rem; padding: 0 .55rem; font-size: .85rem; white-space: nowrap; }
.succeeded { color: var(--good); } .refused { color: var(--warn); } .failed { color: var(--bad); }
.unseen { border: 1px solid var(--warn); color: var(--warn); border-radius: .2rem; font-size: .75em; padding: 0 .15rem; }
.unheard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; padding: .3rem .6rem; background: var(--back); }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; margin: .8rem 0; }
.found { justify-content: space-between; margin-top: 1.5rem; } .found h2 { margin: 0; }
form.search { display: block; background: var(--soft); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem .4rem; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); gap: .8rem 1rem; align-items: start; }
.fields input, .fields select { width: 100%; min-width: 0; }
.more { margin: .9rem 0 0; } .more .fields { margin-top: .6rem; }
.ranges { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin-left: auto; }
summary { cursor: pointer; }
.empty { border: 1px dashed var(--field); border-radius: .6rem; padding: 1.5rem; text-align: center; }
.heads, .events summary { display: grid; grid-template-columns: 12rem minmax(7rem, 1.1fr) minmax(8rem, 1fr) minmax(8rem, 2fr) minmax(7rem, 1fr); gap: .2rem 1rem; padding: .5rem .6rem; }
.heads { color: var(--quiet); font-size: .88rem; font-weight: 600; border-bottom: 1px solid var(--line); }
.events { list-style: none; margin: 0; padding: 0; }
.events > li { border-bottom: 1px solid var(--line); }
.events summary::marker { content: ''; } .events summary::-webkit-details-marker { display: none; }
.events summary:hover { background: var(--soft); }
.events summary time::before { content: '▸'; display: inline-block; width: 1.1rem; color: var(--quiet); }
.events details[open] > summary time::before { content: '▾'; }
.events details[open] > summary { background: var(--mark); }
.events time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.opened { padding: .2rem 1.7rem 1.2rem; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .25rem 1.2rem; margin: .6rem 0; }
dt { color: var(--quiet); } dd { margin: 0; } dd a { font-size: .9rem; margin-left: .5rem; }
.details { width: auto; max-width: 100%; margin: .6rem 0 0; } .details td { white-space: pre-wrap; }
.areas { padding: .8rem 1rem; background: var(--soft); border: 1px solid var(--line); border-radius: .6rem; }
.operations { list-style: none; padding: 0; margin: 0; }
.operations li { display: grid; grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); gap: .2rem 1.2rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
.operations a { color: inherit; text-decoration: none; } .operations a:hover code { text-decoration: underline; }
.operations a { display: flex; gap: .6rem; align-items: baseline; }
table.details td { overflow-wrap: anywhere; }
.headed caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.method { flex: none; width: 4.4rem; text-align: center; border: 1px solid; border-radius: .3rem; font: 600 .78rem/1.5 ui-monospace, monospace; display: inline-block; }
.get { color: var(--link); } .post { color: var(--good); } .put, .patch { color: var(--warn); } .delete { color: var(--bad); }
.operation { font-size: 1.1rem; }
@media (max-width: 48rem) {
  header, main { padding-left: 1rem; padding-right: 1rem; }
  .heads { display: none; }
  .stacks, .stacks tbody, .stacks tr, .stacks td { display: block; }
  .stacks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacks tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .stacks td { padding: .1rem 0; border: 0; }
  .stacks td[data-label]::before { content: attr(data-label) ': '; color: var(--quiet); }
  .operations li { grid-template-columns: minmax(0, 1fr); }
  .events summary { grid-template-columns: 1fr; gap: 0; }
  .opened { padding: .2rem .6rem 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } dd a { display: block; margin-left: 0; }
}
`.trimStart();
