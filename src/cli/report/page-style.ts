/** The look of the page: light, dark, and on paper. Everything is in the page; nothing is fetched. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b1f24;--dim:#5b6470;--rule:#dfe3e8;--grid:#eceff3;
--good:#1a7f4b;--good-bg:#e3f5ea;--warn:#8f5b00;--warn-bg:#fdf1d8;--bad:#b42318;--bad-bg:#fdeae8;--info:#1f5fbf;--info-bg:#e6effc;
--s0:#1f5fbf;--s1:#c2410c;--s2:#0f8a6b;--s3:#8b3fc4;--s4:#a16207;--s5:#be185d;--s6:#0e7490;--s7:#4d5763}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1c2026;--ink:#e6e9ed;--dim:#9aa4b0;--rule:#323943;--grid:#272d35;
--good:#5fd39a;--good-bg:#153526;--warn:#f0b849;--warn-bg:#3a2c10;--bad:#ff8a80;--bad-bg:#43201d;--info:#85b6ff;--info-bg:#1b2d49;
--s0:#6ea8ff;--s1:#ff9561;--s2:#4fd1ac;--s3:#c79bff;--s4:#e6c35c;--s5:#ff86b8;--s6:#5fd0e6;--s7:#b3bcc7}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1160px;margin:0 auto;padding:32px 24px 48px}
h1{margin:0;font-size:26px;line-height:1.25;overflow-wrap:anywhere}
h2{margin:36px 0 12px;font-size:18px}
h3{margin:0;font-size:15px}
small{color:var(--dim);font-weight:400;font-size:13px}
p{margin:0}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.sub{color:var(--dim);margin-top:4px}
.state{display:inline-block;margin-top:14px;padding:5px 12px;border-radius:999px;font-weight:600}
.good{color:var(--good);background:var(--good-bg)}.warn{color:var(--warn);background:var(--warn-bg)}.bad{color:var(--bad);background:var(--bad-bg)}.info{color:var(--info);background:var(--info-bg)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(136px,1fr));gap:12px;margin-top:20px}
.tile,.card,figure{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tile{padding:12px 14px}
.tile dt{color:var(--dim);font-size:13px}
.tile dd{margin:2px 0 0;font-size:20px;font-weight:600;overflow-wrap:anywhere}
.tile dd small{display:block}
.card{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{padding:8px 10px;text-align:left;vertical-align:top;border-top:1px solid var(--rule)}
thead th{border-top:0;color:var(--dim);font-weight:600;font-size:13px;white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap}
td.n:first-child,th.n:first-child{width:1%}
td.host{overflow-wrap:anywhere;min-width:10.5em}
td code{white-space:nowrap}td.host code{white-space:normal}
td.why{color:var(--bad);overflow-wrap:anywhere}
.role{display:inline-block;padding:1px 9px;border-radius:999px;font-size:13px;font-weight:600;white-space:nowrap}
.dash{color:var(--dim)}
.finding{padding:14px 16px;border-top:1px solid var(--rule)}
.finding:first-child{border-top:0}
.finding h3{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.finding dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:8px 0 0}
.finding dt{color:var(--dim)}
.finding dd{margin:0;overflow-wrap:anywhere}
.plain{padding:12px 16px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:14px}
figure{margin:0;padding:14px 14px 10px;min-width:0}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 12px;margin-bottom:6px}
.legend{display:flex;flex-wrap:wrap;gap:2px 12px;font-size:13px;color:var(--dim)}
.key{overflow-wrap:anywhere}
.swatch{width:26px;height:6px;margin-right:5px;vertical-align:middle}
.note{color:var(--dim);font-size:12.5px;margin-top:4px}
.chart{display:block;width:100%;height:auto}
.s0{--c:var(--s0)}.s1{--c:var(--s1);--d:7 3}.s2{--c:var(--s2);--d:2 3}.s3{--c:var(--s3);--d:9 3 2 3}.s4{--c:var(--s4)}.s5{--c:var(--s5);--d:7 3}.s6{--c:var(--s6);--d:2 3}.s7{--c:var(--s7);--d:9 3 2 3}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round;stroke-dasharray:var(--d,none)}
.dot{fill:var(--c)}
.grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--dim);stroke-width:1}
.tick{fill:var(--dim);font-size:11.5px;font-family:inherit}
.moment rect{fill:transparent}.mark{stroke:none}.moment:hover .mark{stroke:var(--dim);stroke-dasharray:2 3}
footer{margin-top:36px;color:var(--dim);font-size:13px}
footer p{margin-top:4px}
@media (max-width:560px){main{padding:20px 14px 32px}.finding dl{grid-template-columns:1fr}.finding dd{margin-bottom:4px}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--dim:#444;--rule:#bbb;--grid:#e4e4e4;--good:#14633a;--good-bg:#fff;--warn:#7a4d00;--warn-bg:#fff;--bad:#9c1c12;--bad-bg:#fff;--info:#174a97;--info-bg:#fff;
--s0:#1f5fbf;--s1:#c2410c;--s2:#0f8a6b;--s3:#8b3fc4;--s4:#a16207;--s5:#be185d;--s6:#0e7490;--s7:#4d5763}
body{font-size:11pt}main{max-width:none;padding:0}.card{overflow:visible}table{font-size:8pt}thead th,.role,td code{font-size:8pt}thead th,th.n,td.n{white-space:normal}th,td{padding:4px 5px}.role{padding:0 6px}td.host{min-width:7.5em}.tiles{grid-template-columns:repeat(7,1fr);gap:6px}.tile{padding:8px}.tile dd{font-size:13pt}
.tile,figure,.finding,tr,h2,h3{break-inside:avoid}h2{break-after:avoid}.charts{grid-template-columns:1fr 1fr}.state,.role{border:1px solid}}
`;
