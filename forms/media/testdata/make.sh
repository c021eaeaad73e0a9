#!/usr/bin/env bash
# make.sh makes the samples in this folder anew, from Debian's tools: imagemagick, ffmpeg, heif-enc (libheif-examples),
# exiftool (libimage-exiftool-perl), vips (libvips-tools), soffice (libreoffice-writer, -calc), zip, python3.
# Everybody and everything in them is invented; the place is a square in Jilin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
convert=/usr/bin/convert

# The picture: red, green, blue and yellow quarters, from the top left; the greys of a wedge below.
$convert -size 60x40 xc:'#d02020' xc:'#20a020' +append \
  \( -size 60x40 xc:'#2040d0' xc:'#e0d020' +append \) -append "$work/quarters.png"
$convert -size 16x120 gradient: -rotate 90 -depth 8 "$work/wedge.png"
$convert "$work/quarters.png" "$work/wedge.png" -append "$work/scene.png" # 120 × 96
$convert "$work/scene.png" -resize 40x32 -quality 60 "$work/thumb.jpg"

# tell FILE: when, where, with what and by whom, in EXIF and XMP, as far as the format has them.
tell() {
  exiftool -q -q -overwrite_original \
    -EXIF:DateTimeOriginal='2024:05:30 09:15:00' -EXIF:OffsetTimeOriginal=+08:00 -EXIF:Make=示例相机 -EXIF:Model='示例相机 X1' \
    -EXIF:GPSLatitude=43.8378 -EXIF:GPSLatitudeRef=N -EXIF:GPSLongitude=126.5495 -EXIF:GPSLongitudeRef=E \
    -EXIF:SerialNumber=SAMPLE-0001 -EXIF:OwnerName=示例机主 -EXIF:Artist=示例机主 \
    -XMP:GPSLatitude=43.8378 -XMP:GPSLongitude=126.5495 -XMP-photoshop:City=示例市 -XMP-dc:Creator=示例机主 \
    ${2:+-EXIF:Orientation#=$2} "$1"
}

# JPEG in eight orientations: stored so that turning it as EXIF says makes the scene.
stored=('' '' '-flop' '-rotate 180' '-flip' '-transpose' '-rotate 270' '-transverse' '-rotate 90')
for o in 1 2 3 4 5 6 7 8; do
  # shellcheck disable=SC2086 # two words
  $convert "$work/scene.png" ${stored[$o]} -sampling-factor 4:2:0 -quality 92 "o$o.jpg"
  tell "o$o.jpg" "$o"
done
exiftool -q -q -overwrite_original '-ThumbnailImage<='"$work/thumb.jpg" -IPTC:City=示例市 -Comment=示例说明 \
  -MakerNotes= o1.jpg
$convert "$work/scene.png" -interlace JPEG -quality 90 progressive.jpg
$convert "$work/scene.png" -colorspace CMYK -quality 92 cmyk.jpg
$convert "$work/scene.png" -colorspace Gray -quality 92 grey.jpg

# Display P3: the same colours, in other numbers. And numbers that no sRGB screen can show.
vips icc_transform "$work/scene.png" "$work/p3.png" p3 --input-profile srgb
vips icc_transform "$work/scene.png" "p3.jpg[Q=95,subsample-mode=off]" p3 --input-profile srgb
tell p3.jpg 1

# PNG: a screenshot with text, one of 16 bits, one with transparent parts.
$convert -size 220x120 xc:white -fill black -font "$(fc-match -f "%{file}" sans)" -pointsize 14 -draw 'text 10,40 "Screenshot 2024-05-30"' \
  -draw 'text 10,80 "0123456789"' -define png:color-type=2 screenshot.png
tell screenshot.png
$convert "$work/scene.png" -depth 16 -define png:bit-depth=16 deep.png
$convert "$work/scene.png" -alpha set -channel A -evaluate set 50% clear.png

# HEIC: by heif-enc; a grid of four tiles in each orientation that irot and imir make; Display P3.
heif-enc -q 80 -o "$work/plain.heic" o1.jpg >/dev/null 2>&1 && cp "$work/plain.heic" plain.heic
heif-enc -q 85 -o p3.heic "$work/p3.png" >/dev/null 2>&1
$convert "$work/scene.png" -colorspace Gray -resize '121x97!' "$work/grey.png" # of odd sizes heif-enc makes a grid
heif-enc -q 85 -o grey.heic "$work/grey.png" >/dev/null 2>&1
$convert "$work/scene.png" -resize '60x48!' "$work/slim.png"
heif-enc -q 60 -o slim.heic "$work/slim.png" >/dev/null 2>&1
$convert "$work/quarters.png" -filter point -resize '256x192!' "$work/big.png"
for q in 0 1 2 3; do
  $convert "$work/big.png" -crop "128x96+$((q % 2 * 128))+$((q / 2 * 96))" +repage -quality 95 "$work/t$q.jpg"
  tell "$work/t$q.jpg" 1
  heif-enc -q 60 -o "$work/t$q.heic" "$work/t$q.jpg" >/dev/null 2>&1
done
for r in 0 1 2 3; do
  /usr/bin/python3 heif.py "grid-rot$r.heic" 2 2 $r - "$work"/t{0,1,2,3}.heic
done
/usr/bin/python3 heif.py grid-mir0.heic 2 2 0 0 "$work"/t{0,1,2,3}.heic
/usr/bin/python3 heif.py grid-mir1.heic 2 2 0 1 "$work"/t{0,1,2,3}.heic
/usr/bin/python3 heif.py grid-rot1-mir1.heic 2 2 1 1 "$work"/t{0,1,2,3}.heic

# Others.
$convert "$work/scene.png" -quality 85 photo.webp && tell photo.webp
heif-enc -A -q 70 -o photo.avif o1.jpg >/dev/null 2>&1
# Marked as BT.709 in the range of video; ffmpeg writes the figures of BT.601.
ffmpeg -nostdin -loglevel error -y -i "$work/scene.png" -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p \
  -color_primaries bt709 -color_trc iec61966-2-1 -colorspace bt709 -color_range tv -c:v libaom-av1 -still-picture 1 -crf 20 narrow.avif
$convert "$work/scene.png" -type TrueColor BMP3:photo.bmp
$convert "$work/scene.png" -compress lzw photo.tif && tell photo.tif 1
$convert "$work/scene.png" -colorspace CMYK -compress lzw cmyk.tif
$convert -delay 20 "$work/quarters.png" \( "$work/quarters.png" -flop \) -set comment 示例说明 -loop 0 moving.gif

ffmpeg -nostdin -loglevel error -y -f lavfi -i "color=red:size=64x48:rate=4:duration=0.5" \
  -f lavfi -i "color=blue:size=64x48:rate=4:duration=0.5" -filter_complex concat -c:v libwebp_anim -loop 0 moving.webp

# Videos of one second. The place by ffmpeg (©xyz and loci) and by exiftool (Apple's keys).
src=(-f lavfi -i "testsrc=size=160x120:rate=10:duration=1" -f lavfi -i "sine=duration=1")
ff() { ffmpeg -nostdin -loglevel error -y "${src[@]}" -shortest "$@"; }
h264=(-c:v libx264 -pix_fmt yuv420p -crf 35 -c:a aac -b:a 32k)
place=(-metadata location=+43.8378+126.5495/ -metadata creation_time=2024-05-30T01:15:00Z)
ff "${h264[@]}" "${place[@]}" phone.mp4
ff "${h264[@]}" "${place[@]}" -movflags +faststart -f mp4 first.mp4
ff "${h264[@]}" -metadata creation_time=2024-05-30T01:15:00Z "$work/apple.mov"
exiftool -q -q -overwrite_original -Keys:GPSCoordinates='43.8378, 126.5495' -Keys:Make=示例相机 -Keys:Model='示例相机 X1' \
  -Keys:CreationDate='2024:05:30 09:15:00+08:00' -XMP:GPSLatitude=43.8378 -UserData:GPSCoordinates='43.8378, 126.5495' "$work/apple.mov"
cp "$work/apple.mov" apple.mov
ffmpeg -nostdin -loglevel error -y -i phone.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4
ff -s 176x144 -c:v h263 -c:a aac -ar 8000 -ac 1 -b:a 12k "${place[@]}" phone.3gp
ff "${h264[@]}" -f ipod -brand 'M4V ' phone.m4v
ff "${h264[@]}" -movflags frag_keyframe+empty_moov -f mp4 fragments.mp4
ff -c:v mpeg4 -q:v 20 -c:a mp2 -b:a 32k old.avi
ff "${h264[@]}" film.mkv
ff -c:v wmv2 -b:v 60k -c:a wmav2 -b:a 32k film.wmv

# Documents.
printf '示例\n' >"$work/text.txt"
printf '甲,乙\n1,2\n' >"$work/table.csv"
(cd "$work" && for f in doc docx pdf; do soffice --headless --convert-to $f text.txt >/dev/null 2>&1; done
  for f in xls xlsx; do soffice --headless --convert-to $f table.csv >/dev/null 2>&1; done
  zip -q archive.zip text.txt table.csv)
for f in doc docx pdf; do cp "$work/text.$f" "text.$f"; done
for f in xls xlsx; do cp "$work/table.$f" "table.$f"; done
cp "$work/archive.zip" archive.zip
ls -l
