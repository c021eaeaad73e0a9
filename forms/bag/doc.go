// Package bag writes, verifies and unpacks BagIt bags (RFC 8493). It writes
// version 1.0 in a zip; it reads 0.93 to 1.0 from a zip or a folder. It knows
// nothing of what is in a bag.
//
// # What is refused, found, or warned of
//
// Open refuses what is no container of plain files with plain names, or could
// be read in two ways: see the first group of reasons. Verify reads the rest,
// and gives every broken rule of sections 2 and 3 as a finding. Warnings are
// what the RFC discourages or tolerates; the bag is valid all the same, but
// Extract refuses names that Windows cannot hold on every system.
//
// # Where others differ
//
// bagit-python takes a bare percent sign in a manifest for itself and does
// not decode %25, against section 2.1.3. So no name written here has one;
// read, %0D, %0A and %25 are decoded from 1.0 on, and other percent signs
// left alone. It refuses a dollar sign before the name of a variable of its
// environment, ends lines at any control character or separator that Python
// ends lines at, and drops all space at the end of a name: what is written
// here has none of these. It is also case-sensitive about the labels of bagit.txt and
// Payload-Oxum, drops space at the end of a name, and fails over a manifest
// whose names are in another Unicode form than the files: such bags are valid
// here. Others are valid there and not here: bags with a manifest of an
// algorithm that cannot be checked, of 1.0 with a payload file in one
// manifest of two, with a bagit.txt that is not its two lines, with lines in
// a manifest, bag-info.txt or fetch.txt that are no such lines, with tag
// files that begin with a byte-order mark they must not have, with . or ..
// inside a path that does not leave the bag, with names that differ by case
// alone, with a tag manifest that lacks a payload manifest. It verifies no
// tag manifest before 0.97; here all are. A manifest that lists one file in two
// Unicode forms, of which the Library of Congress' conformance suite warns,
// lists the file twice: an error from 1.0 on, a warning before if the checksum
// is the same.
//
// Names in a zip that does not say they are UTF-8 are GB18030 rather than
// letters of two bytes where they could be both: 图片 in GB18030 is valid
// UTF-8 too. A wrong guess shows, as the manifest has the right names.
//
// # What of a package is protected
//
// BagIt protects the content of files. In a package made by Write every byte
// is: Verify reports ReasonAltered when anything else in the zip is not to
// the byte what Write makes of the same content. Names, sizes, times and CRCs
// stand in two headers, which must agree; everything else in headers is
// fixed; compressed bytes have a CRC in a field of our own, which also marks
// the zip as ours, in more than one place. So no change of a single byte goes
// unseen, nor a byte or an entry lost, added or moved. What is not covered:
// someone who changes a time in both headers, or unpacks and packs anew: the
// content is the same then, and the bag is valid. And someone who rewrites
// content, manifests and headers alike: that takes a signature.
package bag
