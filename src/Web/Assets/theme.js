// Before the first paint, so that a chosen theme does not flash.
const chosen = localStorage.getItem('theme');
if (chosen) {
  document.documentElement.dataset.theme = chosen;
}
const row = localStorage.getItem('row');
if (row) {
  document.documentElement.dataset.row = row;
}
