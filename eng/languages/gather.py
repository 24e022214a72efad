#!/usr/bin/env python3
"""Gathers the text that the language model is trained on from Debian's and npm's packages, and writes it one item a line.

usage: gather.py FOLDER

FOLDER/packages keeps what was downloaded; FOLDER/text gets, for each language and script,
  LANG.SCRIPT.words   word lists of Tesseract's language data
  LANG.SCRIPT.lines   labels and sentences of translated programs: LibreOffice and its help, Firefox, Chromium
  LANG.SCRIPT.names   names of and key words for emoji, of the Unicode CLDR
  LANG.SCRIPT.common  the commonest words, of stopwords-iso
and writers.tsv (how many people write a language, of the CLDR), captions/LANG.tsv (descriptions of Tux Paint's stamps, by halves; for
calibration and figures, never trained on) and sources.tsv (package, version, licence, SHA-256). Needs apt-get, npm, tesseract-ocr.
"""
import collections
import glob
import hashlib
import html
import io
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile

# Language and script; then the names it has in: tesseract-ocr-*, libreoffice-l10n-*, firefox-esr-l10n-*, Chromium, libreoffice-help-*,
# CLDR, stopwords-iso.
LANGUAGES = """
af Latin afr af af af - af af
az Latin aze - az - - az -
br Latin bre br br - - br br
ca Latin cat ca ca ca ca ca ca
cs Latin ces cs cs cs cs cs cs
cy Latin cym cy cy - - cy -
da Latin dan da da da da da da
de Latin deu de de de de de de
en Latin eng en-gb,en-za en-gb,en-ca en-GB en-us en en
eo Latin epo eo eo - - - eo
es Latin spa es es-es,es-mx es,es-419 es es es
et Latin est et et et et et et
eu Latin eus eu eu - eu eu eu
fi Latin fin fi fi fi fi fi fi
fo Latin fao - - - - fo -
fr Latin fra fr fr fr fr fr fr
fy Latin fry - fy-nl - - - -
ga Latin gle ga ga-ie - - ga ga
gd Latin gla gd gd - - gd -
gl Latin glg gl gl - gl gl gl
hr Latin hrv hr hr hr - hr hr
ht Latin hat - - - - - -
hu Latin hun hu hu hu hu hu hu
id Latin ind id id id id id id
is Latin isl is is - - is -
it Latin ita it it it it it it
jv Latin jav - - - - jv -
ku Latin kmr kmr - - - ku -
la Latin lat - - - - - la
lb Latin ltz - - - - lb -
lt Latin lit lt lt lt - lt lt
lv Latin lav lv lv lv - lv lv
mi Latin mri - - - - mi -
ms Latin msa - ms ms - ms ms
mt Latin mlt - - - - mt -
nl Latin nld nl nl nl nl nl nl
no Latin nor nb,nn nb-no,nn-no nb - no,nn no
oc Latin oci oc oc - - - -
pl Latin pol pl pl pl pl pl pl
pt Latin por pt,pt-br pt-pt,pt-br pt-PT,pt-BR pt,pt-br pt,pt-PT pt
ro Latin ron ro ro ro - ro ro
rw Latin - rw - - - rw -
sk Latin slk sk sk sk - sk sk
sl Latin slv sl sl sl sl sl sl
so Latin - - - - - so so
sq Latin sqi - sq - - sq -
sr Latin srp-latn - - - - sr-Latn -
sv Latin swe sv sv-se sv sv sv sv
sw Latin swa - - sw - sw sw
tl Latin fil - tl fil - fil tl
tr Latin tur tr tr tr tr tr tr
uz Latin uzb uz uz - - uz -
vi Latin vie vi vi vi vi vi vi
yo Latin yor - - - - yo yo
zu Latin - zu - - - zu zu
be Cyrillic bel be be - - be -
bg Cyrillic bul bg bg bg - bg bg
kk Cyrillic kaz kk kk - - kk -
ky Cyrillic kir - - - - ky -
mk Cyrillic mkd mk mk - - mk -
mn Cyrillic mon mn - - - mn -
ru Cyrillic rus ru ru ru ru ru ru
sr Cyrillic srp sr sr sr - sr -
tg Cyrillic tgk tg tg - - tg -
uk Cyrillic ukr uk uk uk - uk uk
ar Arabic ara ar ar ar - ar ar
fa Arabic fas fa fa fa - fa fa
ur Arabic urd - ur ur - ur ur
ps Arabic pus - - - - ps -
ug Arabic uig ug - - - ug -
sd Arabic snd - - - - sd -
hi Devanagari hin hi hi-in hi hi hi hi
mr Devanagari mar mr mr mr - mr mr
ne Devanagari nep ne ne-np - - ne -
sa Devanagari san - - - - - -
bn Bengali ben bn bn bn - bn bn
as Bengali asm as - - - as -
he Hebrew heb he he he - he he
yi Hebrew yid - - - - yi -
am Ethiopic amh am - am - am -
ti Ethiopic tir - - - - ti -
zh Han chi-sim,chi-tra zh-cn,zh-tw zh-cn,zh-tw zh-CN,zh-TW zh-cn,zh-tw zh,zh-Hant,yue zh
ja Han jpn ja ja ja ja ja ja
"""

NPM = {"cldr-annotations-full": "Unicode-3.0", "cldr-annotations-derived-full": "Unicode-3.0", "cldr-core": "Unicode-3.0",
       "stopwords-iso": "MIT"}
DEBIAN_LICENCES = {"tesseract-ocr": "Apache-2.0", "libreoffice-l10n": "MPL-2.0", "libreoffice-help": "MPL-2.0",
                   "firefox-esr-l10n": "MPL-2.0", "chromium-l10n": "BSD-3-Clause",
                   "tuxpaint-stamps-default": "GPL-2.0 (calibration and figures only)"}

# A line in so many languages alike is in none: a name, a format, something left untranslated.
COMMON_TO = 4

# Serbian is written in both scripts, letter for letter, and translated programs have it in the first.
SERBIAN_LATIN = str.maketrans(dict(zip(
    "абвгдђежзијклљмнњопрстћуфхцчџш",
    "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split())))

CAPTION_LANGUAGES = {"ca@valencia": "ca", "en_AU": "en", "en_GB": "en", "en_CA": "en", "en_ZA": "en", "nb": "no", "nn": "no",
                     "pt_BR": "pt", "pt_PT": "pt", "zh_CN": "zh", "zh_TW": "zh", "es_MX": "es", "sr@latin": "sr"}


def split(names):
    return [] if names == "-" else names.split(",")


def files_of(package):
    """Names and bytes of the files in a .deb."""
    archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isfile():
                yield member.name, tar.extractfile(member).read()


def plain(text):
    text = re.sub(r"<[^>]+>|\{[^{}]*\}|\$\d+|%[A-Za-z0-9]+%?", " ", html.unescape(text))
    return " ".join(text.split())


def tesseract_words(package):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        for data in glob.glob(folder + "/usr/share/tesseract-ocr/*/tessdata/*.traineddata"):
            subprocess.run(["combine_tessdata", "-u", data, folder + "/m."], capture_output=True, check=True)
            if os.path.exists(folder + "/m.lstm-word-dawg"):
                subprocess.run(["dawg2wordlist", folder + "/m.lstm-unicharset", folder + "/m.lstm-word-dawg", folder + "/words"],
                               capture_output=True, check=True)
                with open(folder + "/words", encoding="utf8", errors="replace") as words:
                    return words.read().split("\n")
    return []


def messages(catalogue):
    """The translations in a .mo file that differ from what they translate."""
    order = "<" if struct.unpack("<I", catalogue[:4])[0] == 0x950412de else ">"
    count, sources, targets = struct.unpack(order + "3I", catalogue[8:20])
    for i in range(count):
        length, at = struct.unpack_from(order + "2I", catalogue, sources + 8 * i)
        source = catalogue[at:at + length]
        length, at = struct.unpack_from(order + "2I", catalogue, targets + 8 * i)
        if source:
            source = source.split(b"\x04")[-1].split(b"\0")[0]
            for target in catalogue[at:at + length].split(b"\0"):
                if target != source:
                    yield plain(target.decode("utf8", "replace"))


def libreoffice_lines(package):
    return [line for name, data in files_of(package) if name.endswith(".mo") for line in messages(data)]


def help_lines(package):
    kinds = "paragraph|listitem|tablecontent|tip|note|warning|head|tablehead"
    paragraph = re.compile(rf'<(p|h[1-6])\b[^>]*class="(?:{kinds})[^>]*>(.*?)</\1>', re.S)
    return [plain(match[2]) for name, data in files_of(package) if name.endswith(".html") and "/text/" in name
            for match in paragraph.finditer(data.decode("utf8", "replace"))]


def fluent_lines(text):
    for line in text.split("\n"):
        match = re.match(r"^\s*(?:-?[A-Za-z][\w-]*|\.[\w-]+)\s*=\s*(.*)$", line)
        value = match[1] if match else line.strip() if line[:1] == " " else ""
        if value and "->" not in value:
            yield plain(re.sub(r"^\s*[*]?\[[^\]]*\]", "", value)).strip("{} ")


def firefox_lines(package):
    lines = []
    for name, data in files_of(package):
        if name.endswith(".xpi"):
            with zipfile.ZipFile(io.BytesIO(data)) as pack:
                for entry in pack.namelist():
                    if entry.endswith(".ftl"):
                        lines += fluent_lines(pack.read(entry).decode("utf8"))
    return lines


def chromium_lines(package):
    """Lines by language; a .pak has a table of offsets (version 5 of the format)."""
    lines = {}
    for name, data in files_of(package):
        match = re.search(r"/locales/([A-Za-z0-9-]+)\.pak$", name)
        if not match or struct.unpack("<I", data[:4])[0] != 5:
            continue
        count = struct.unpack("<H", data[8:10])[0]
        offsets = [struct.unpack_from("<HI", data, 12 + 6 * i)[1] for i in range(count + 1)]
        encoding = "utf-16-le" if data[4] == 2 else "utf8"
        found = [plain(data[offsets[i]:offsets[i + 1]].decode(encoding, "replace")) for i in range(count)]
        lines[match[1]] = [line for line in found if len(line) > 3 and "{" not in line and "\\" not in line and "://" not in line]
    return lines


def download(folder):
    """Downloads what is not there yet; returns Debian's packages by name."""
    names = ["chromium-l10n", "tuxpaint-stamps-default"]
    for row in rows():
        names += [f"tesseract-ocr-{name}" for name in split(row[2])] + [f"libreoffice-l10n-{name}" for name in split(row[3])]
        names += [f"firefox-esr-l10n-{name}" for name in split(row[4])] + [f"libreoffice-help-{name}" for name in split(row[6])]
    os.makedirs(folder, exist_ok=True)
    there = {os.path.basename(path).split("_")[0]: path for path in sorted(glob.glob(folder + "/*.deb"))}
    missing = sorted(set(names) - set(there))
    if missing:
        subprocess.run(["apt-get", "download", "-qq", *missing], cwd=folder, check=True)
    if not os.path.isdir(folder + "/node_modules/cldr-core"):
        subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--prefix", folder, *NPM], check=True)
    packages = {os.path.basename(path).split("_")[0]: path for path in sorted(glob.glob(folder + "/*.deb"))}
    return {name: packages[name] for name in sorted(set(names))}


def rows():
    return [line.split() for line in LANGUAGES.strip().split("\n")]


def emoji_names(folder, locale):
    names = []
    for package, key in (("cldr-annotations-full", "annotations"), ("cldr-annotations-derived-full", "annotationsDerived")):
        path = f"{folder}/node_modules/{package}/{key}/{locale}/annotations.json"
        if os.path.exists(path):
            with open(path, encoding="utf8") as file:
                for entry in json.load(file)[key]["annotations"].values():
                    names += entry.get("default", []) + entry.get("tts", [])
    return names


def write(path, lines):
    lines = dict.fromkeys(unicodedata.normalize("NFC", line) for line in lines if line.strip())
    with open(path, "w", encoding="utf8") as file:
        file.writelines(line + "\n" for line in lines)


def write_text(packages, folder, text):
    chromium = chromium_lines(packages["chromium-l10n"])
    lines = {}
    for row in rows():
        found = [line for name in split(row[3]) for line in libreoffice_lines(packages[f"libreoffice-l10n-{name}"])]
        found += [line for name in split(row[4]) for line in firefox_lines(packages[f"firefox-esr-l10n-{name}"])]
        found += [line for name in split(row[5]) for line in chromium[name]]
        found += [line for name in split(row[6]) for line in help_lines(packages[f"libreoffice-help-{name}"])]
        lines[row[0], row[1]] = list(dict.fromkeys(found))
        print(row[0], row[1], len(lines[row[0], row[1]]), "lines", flush=True)
    seen = collections.Counter(line for found in lines.values() for line in found)
    english = set(lines["en", "Latin"])
    kept = {key: [line for line in found if key[0] == "en" or (line not in english and seen[line] < COMMON_TO)]
            for key, found in lines.items()}
    kept["sr", "Latin"] = [line.lower().translate(SERBIAN_LATIN) for line in kept["sr", "Cyrillic"]]
    with open(folder + "/node_modules/stopwords-iso/stopwords-iso.json", encoding="utf8") as file:
        common = json.load(file)
    for language, script, tesseract, *_, cldr, stop in rows():
        path = f"{text}/{language}.{script}"
        write(path + ".words", [word for name in split(tesseract) for word in tesseract_words(packages[f"tesseract-ocr-{name}"])])
        write(path + ".lines", kept[language, script])
        write(path + ".names", [name for locale in split(cldr) for name in emoji_names(folder, locale)])
        write(path + ".common", common.get(stop, []))


def write_writers(folder, text):
    with open(folder + "/node_modules/cldr-core/supplemental/territoryInfo.json", encoding="utf8") as file:
        territories = json.load(file)["supplemental"]["territoryInfo"]
    writers = collections.Counter()
    for territory in territories.values():
        for language, entry in territory.get("languagePopulation", {}).items():
            literate = float(entry.get("_writingPercent", territory["_literacyPercent"]))
            writers[language.split("_")[0]] += float(territory["_population"]) * float(entry["_populationPercent"]) * literate / 1e4
    writers["tl"] = writers["fil"]
    writers["no"] = writers["nb"] + writers["nn"] + writers["no"]
    with open(text + "/writers.tsv", "w", encoding="utf8") as file:
        file.writelines(f"{language}\t{count:.0f}\n" for language, count in sorted(writers.items()))


def write_captions(package, folder):
    """A caption's half is its picture's, so that no picture is in both."""
    captions = collections.defaultdict(dict)
    for name, data in sorted(files_of(package)):
        if "/stamps/" not in name or not name.endswith(".txt"):
            continue
        half = hashlib.md5(name.encode()).digest()[-1] % 2
        english, *others = data.decode("utf8", "replace").split("\n")
        captions["en"][half, english.strip()] = True
        for line in others:
            match = re.match(r"([A-Za-z_@]+)\.utf8=(.*)", line)
            if match:
                language = CAPTION_LANGUAGES.get(match[1], match[1]).lower()
                caption = unicodedata.normalize("NFC", match[2].strip().strip(".|। "))
                if caption and caption != english.strip().strip("."):
                    captions[language][half, caption] = True
    os.makedirs(folder, exist_ok=True)
    for language, found in captions.items():
        with open(f"{folder}/{language}.tsv", "w", encoding="utf8") as file:
            file.writelines(f"{half}\t{caption}\n" for half, caption in found if caption)


def write_sources(packages, folder, path):
    with open(path, "w", encoding="utf8") as file:
        for name, package in packages.items():
            version = os.path.basename(package).split("_")[1].replace("%3a", ":")
            licence = next(licence for prefix, licence in DEBIAN_LICENCES.items() if name.startswith(prefix))
            with open(package, "rb") as data:
                file.write(f"{name}\t{version}\t{licence}\t{hashlib.sha256(data.read()).hexdigest()}\n")
        with open(folder + "/package-lock.json", encoding="utf8") as lock:
            locked = json.load(lock)["packages"]
        for name, licence in NPM.items():
            entry = locked["node_modules/" + name]
            file.write(f"{name}\t{entry['version']}\t{licence}\t{entry['integrity']}\n")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    packages_folder, text = sys.argv[1] + "/packages", sys.argv[1] + "/text"
    os.makedirs(text, exist_ok=True)
    packages = download(packages_folder)
    write_text(packages, packages_folder, text)
    write_writers(packages_folder, text)
    write_captions(packages["tuxpaint-stamps-default"], text + "/captions")
    write_sources(packages, packages_folder, sys.argv[1] + "/sources.tsv")


if __name__ == "__main__":
    main()
