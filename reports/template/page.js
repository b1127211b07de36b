"use strict";
(function () {
  const NARROW = 600, MIDDLE = 900, PRINTED = 680, SPREAD = 800, BROAD = 930, SHEET = 870, LEAST = 0.7;
  const config = { displayModeBar: false, responsive: false, showTips: false, doubleClick: "reset" };
  const script = document.currentScript;
  const homes = JSON.parse(document.getElementById("homes").textContent);
  const plots = Array.from(document.querySelectorAll(".plot"), function (box) {
    const text = document.getElementById(box.id.replace(/-plot$/, "-data")).textContent;
    return { box: box, text: text, width: 0, lists: [] };
  });

  // Two lists above a figure let its reader choose what it shows; the words below them say it.
  function offer(plot, choices) {
    const group = document.createElement("div");
    group.className = "choices";
    plot.lists = choices.options.map(function (options, at) {
      const label = document.createElement("label"), list = document.createElement("select");
      label.textContent = choices.labels[at] + " ";
      options.forEach((option) => list.add(new Option(option)));
      list.selectedIndex = choices.first[at];
      list.addEventListener("change", () => choose(plot, choices));
      label.append(list);
      group.append(label);
      return list;
    });
    plot.words = document.createElement("p");
    plot.words.setAttribute("role", "status");
    group.append(plot.words);
    plot.box.before(group);
  }

  async function choose(plot, choices) {
    const at = plot.lists.map((list) => list.selectedIndex);
    const chosen = choices.views[at[0]][at[1]];
    const optional = new Set(choices.views.flat().flatMap((view) => view.show));
    const shown = plot.box.data.map((_, trace) => !optional.has(trace) || chosen.show.includes(trace));
    plot.words.textContent = chosen.words;
    await Plotly.update(plot.box, { visible: shown }, structuredClone(choices.layouts[at[0]]));
  }

  // Most rows of a very long table wait as text, which a browser without scripts shows as rows.
  const LONG = 1000;
  const long = new Map(Array.from(document.querySelectorAll("noscript.rest"), function (rest) {
    const table = rest.parentElement.querySelector("table"), more = document.createElement("button");
    const entry = { body: table.tBodies[0], text: rest.textContent, rows: null, more: more };
    more.type = "button";
    more.addEventListener("click", () => fill(entry, entry.chosen, Infinity));
    rest.parentElement.after(more);
    tell(entry, Array.from(entry.body.rows).length + entry.text.split("</tr>").length - 1);
    return [table, entry];
  }));

  function tell(entry, all) {
    entry.more.textContent = `Show all ${all.toLocaleString("en-US")} rows`;
    entry.more.hidden = all <= entry.body.rows.length;
  }

  function markup(entry) {
    entry.rows = entry.rows || Array.from(entry.body.rows, (row) => row.outerHTML).concat(entry.text.match(/<tr[^]*?<\/tr>/g));
    return entry.rows;
  }

  function fill(entry, chosen, most) {
    const rows = markup(entry);
    entry.chosen = chosen;
    const all = chosen ? chosen.map((at) => rows[at]) : rows;
    entry.body.innerHTML = all.slice(0, most).join("");
    tell(entry, all.length);
  }

  // Show only some rows of a table, by their numbers; null shows all.
  function only(table, chosen) {
    const kept = chosen && new Set(chosen);
    if (long.has(table)) fill(long.get(table), chosen, LONG);
    else Array.from(table.tBodies[0].rows).forEach((row, at) => { row.hidden = kept !== null && !kept.has(at); });
  }

  // The row of some place; from a long table it is fetched, with those that follow it.
  function found(id) {
    for (const entry of long.values()) {
      if (document.getElementById(id)) break;
      const at = entry.text.includes(`id="${id}"`) ? markup(entry).findIndex((row) => row.includes(`id="${id}"`)) : -1;
      if (at >= 0) entry.body.innerHTML = markup(entry).slice(at, at + LONG).join("");
    }
    return document.getElementById(id);
  }

  // A row's place on the page is made from its table and key as normlib does it.
  function place(row) {
    return row.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  }

  function reveal(target) {
    if (target.closest("[hidden]")) plots.forEach((plot) => plot.marks && plot.marks.reset());
    for (let node = target; node; node = node.parentElement) {
      if (node.tagName === "DETAILS") node.open = true;
    }
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }

  function follow(row) {
    const id = place(row), target = found(id), home = homes[row] || homes[row.split("/")[0]];
    if (target) {
      if (location.hash !== "#" + id) history.pushState(null, "", "#" + id);
      document.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
      target.classList.add("chosen");
      reveal(target);
    } else if (home && home.includes("{row}")) {
      location.href = home.replace("{row}", place(row.slice(row.indexOf("/") + 1)).toLowerCase());
    } else if (home && !location.pathname.endsWith("/" + home)) {
      location.href = home + "#" + id;
    }
  }

  function clicked(event) {
    const point = event.points && event.points[0], data = point && point.customdata;
    const row = Array.isArray(data) ? data[0] : data;
    if (this.marks && data.length > 1) this.marks.clicked(data);
    else if (typeof row === "string" && row.includes("/")) follow(row);
  }

  async function draw(plot, width) {
    const figure = JSON.parse(plot.text);
    const narrow = width < NARROW && Object.keys(figure.narrow).length ? figure.narrow : null;
    const patch = narrow || (width >= NARROW && width < MIDDLE && figure.middle);
    // At once as high as it will be: plotly gives up where a legend finds no room, even for a moment.
    const height = (patch && patch.height) || figure.layout.height;
    const layout = Object.assign({ dragmode: false }, figure.layout, { width: width, height: height, autosize: false });
    const first = !plot.width;
    if (first) plot.box.textContent = "";
    if (figure.middle) plot.box.classList.add("broad");
    plot.width = width;
    if (figure.marks) {
      plot.marks = plot.marks || Lanes.of(plot.box, figure, { place: place, clicked: clicked.bind(plot), only: only, follow: follow, config: config });
      await plot.marks.draw(width, narrow);
    } else {
      await Plotly.react(plot.box, figure.data, layout, config);
      if (patch) await Plotly.relayout(plot.box, patch);
    }
    if (figure.choices) {
      if (first) offer(plot, figure.choices);
      await choose(plot, figure.choices);
    }
    const drawn = plot.box.querySelector(".main-svg").getAttribute("height");
    plot.box.style.height = drawn + "px";
    // What is a little higher than a sheet is printed smaller; what is much higher goes on.
    plot.box.style.setProperty("--fit", drawn > SHEET && drawn < SHEET / LEAST ? SHEET / drawn : 1);
    if (first && !plot.marks) plot.box.on("plotly_click", clicked.bind(plot));
  }

  async function drawAll() {
    for (const plot of plots) await draw(plot, plot.box.clientWidth || PRINTED);
    document.documentElement.dataset.drawn = plots.length;
    let waiting = 0;
    new ResizeObserver(function () {
      clearTimeout(waiting);
      waiting = setTimeout(fit, 120);
    }).observe(document.getElementById("main"));
  }

  function fit() {
    for (const plot of plots) {
      const width = plot.box.clientWidth;
      if (width && width !== plot.width) draw(plot, width);
    }
  }

  // How wide a picture may be at most, if that is less than all the width there is.
  function small(box) {
    return parseFloat(getComputedStyle(box).maxWidth) || Infinity;
  }

  // On paper every disclosure but the code is open, and every picture is as wide as the sheet.
  let opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.from(document.querySelectorAll("details:not(.code):not([open])"));
    opened.forEach((details) => { details.open = true; });
    plots.forEach(function (plot) {
      const sheet = plot.box.classList.contains("broad") ? BROAD : PRINTED;
      draw(plot, plot.marks ? SPREAD : Math.min(sheet, small(plot.box)));
    });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach((details) => { details.open = false; });
    fit();
  });

  window.addEventListener("hashchange", function () {
    const target = found(decodeURIComponent(location.hash.slice(1)));
    if (target) reveal(target);
  });

  function begin() {
    drawAll().then(function () {
      const target = location.hash && found(decodeURIComponent(location.hash.slice(1)));
      if (target && target.closest("details, .table")) reveal(target);
    });
  }

  if (window.Plotly) {
    begin();
  } else {
    const library = document.createElement("script");
    library.src = script.dataset.plotly;
    library.onload = begin;
    document.head.append(library);
  }
})();
