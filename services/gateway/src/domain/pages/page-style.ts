/** How the pages look: system fonts, light and dark by the reader's own choice, nothing from elsewhere. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #c9ced6; --soft: #f3f5f8; --text: #16191d; --quiet: #525b66; --back: #ffffff; --link: #0b57c2; --bad: #a3180f; --good: #1a6b2f; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3b424c; --soft: #1f242b; --text: #e8ebef; --quiet: #a6afba; --back: #14181d; --link: #82b4ff; --bad: #ff9d94; --good: #7fd698; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
a { color: var(--link); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; padding: .75rem 1.5rem; border-bottom: 1px solid var(--line); }
header .home { font-weight: 700; color: inherit; text-decoration: none; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
.who, .quiet { color: var(--quiet); }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; margin: .25rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
form { display: inline-flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 0; }
form.block { display: flex; margin: 1rem 0; }
label { display: grid; gap: .2rem; font-size: .9rem; }
input, select, button { font: inherit; padding: .4rem .7rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--back); color: inherit; }
input { min-width: 14rem; }
input[type="number"] { min-width: 6rem; width: 6rem; }
button { background: var(--soft); cursor: pointer; }
button.main, a.main { display: inline-block; background: var(--link); border: 1px solid var(--link); color: var(--back); border-radius: .4rem; padding: .45rem .9rem; text-decoration: none; }
ul.choices { list-style: none; padding: 0; display: grid; gap: .6rem; justify-items: start; }
.scroll { overflow-x: auto; margin-bottom: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--quiet); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
code, .key { font: .95rem ui-monospace, monospace; overflow-wrap: anywhere; }
.key { display: block; padding: .8rem; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; }
.bad { color: var(--bad); } .good { color: var(--good); }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); }
`.trimStart();
