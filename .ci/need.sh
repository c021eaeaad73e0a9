#!/usr/bin/env bash
# need.sh GROUP… installs what is missing for each group of tools, and says what it does.
# Debian and Ubuntu: by apt-get, through sudo when not root. Elsewhere: says what to install.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1; }

cc_works() { echo '#include <stdlib.h>
int main(void) { return 0; }' | gcc -x c - -o /dev/null 2>/dev/null; }

gl_works() {
  has pkg-config && pkg-config --exists gl &&
    printf '#include <%s>\n' GL/gl.h X11/Xlib.h X11/Xcursor/Xcursor.h X11/extensions/Xrandr.h \
      X11/extensions/Xinerama.h X11/extensions/XInput2.h X11/extensions/xf86vmode.h \
      wayland-client.h wayland-cursor.h wayland-egl.h xkbcommon/xkbcommon.h |
    gcc -E -x c - >/dev/null 2>&1
}

# The window needs one of the Chinese faces it knows; Windows and macOS bring their own.
font_there() {
  [ "$(uname -s)" != Linux ] ||
    [ -n "$(find /usr/share/fonts /usr/local/share/fonts "${HOME-}/.local/share/fonts" "${HOME-}/.fonts" \
      \( -iname 'NotoSans*CJK*' -o -iname 'NotoSansSC*' -o -iname 'SourceHanSans*' -o -iname 'wqy-*' \) \
      -print -quit 2>/dev/null)" ]
}

# missing GROUP prints the Debian packages of the group when it does not work here.
missing() {
  case $1 in
    make) has make || echo make ;;
    cc) cc_works || echo gcc libc6-dev ;;
    gl) gl_works || echo libgl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev pkg-config ;;
    font) font_there || echo fonts-noto-cjk ;;
    screen) { has Xvfb && has xdotool && has import; } || echo xvfb xdotool imagemagick ;;
    mingw) has x86_64-w64-mingw32-gcc || echo gcc-mingw-w64-x86-64 ;;
    mail) { [ -x /usr/sbin/postfix ] && [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && has openssl; } || echo postfix dovecot-imapd openssl ;;
    video) has ffmpeg || echo ffmpeg ;;
    wine) has wine || echo wine wine64 ;;
    archive) { has unzip && has 7z && has python3; } || echo unzip p7zip-full python3 ;;
    *) echo "need.sh: unknown group $1" >&2; exit 2 ;;
  esac
}

elsewhere() {
  echo "缺少以下工具，请先安装 / please install first (Debian names): $*"
  case $(uname -s) in
    Darwin) echo "  macOS: xcode-select --install" ;;
    Linux)
      echo "  Fedora: dnf install gcc pkgconf mesa-libGL-devel libXcursor-devel libXrandr-devel libXinerama-devel" \
        "libXi-devel libXxf86vm-devel wayland-devel libxkbcommon-devel google-noto-sans-cjk-fonts"
      echo "  Arch: pacman -S gcc pkgconf mesa libxcursor libxrandr libxinerama libxi libxxf86vm" \
        "wayland libxkbcommon noto-fonts-cjk" ;;
    *) echo "  Windows: MSYS2 (https://www.msys2.org), pacman -S mingw-w64-x86_64-gcc" ;;
  esac
}

packages=()
for group in "$@"; do
  found=$(missing "$group")
  read -ra more <<<"$found"
  packages+=(${more[@]+"${more[@]}"})
done
[ ${#packages[@]} -gt 0 ] || exit 0

if ! has apt-get; then
  elsewhere "${packages[@]}" >&2
  exit 1
fi
root=()
if [ "$(id -u)" != 0 ]; then
  if ! has sudo; then
    echo "缺少工具，请以管理员身份运行 / missing tools, run as root: apt-get install ${packages[*]}" >&2
    exit 1
  fi
  root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  ${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null
}
echo "缺少工具，正在安装（apt-get）/ installing: ${packages[*]}"
apt update || echo "apt-get update 未全部成功 / had errors; trying to install all the same"
if ! apt install --no-install-recommends "${packages[@]}"; then
  tail -n 40 "$log" >&2
  echo "安装失败 / could not install: ${packages[*]}" >&2
  exit 1
fi
for group in "$@"; do
  found=$(missing "$group")
  if [ -n "$found" ]; then
    echo "已安装，但仍不可用 / installed, yet still not usable: $group ($found)" >&2
    exit 1
  fi
done
