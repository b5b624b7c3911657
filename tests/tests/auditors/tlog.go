// Checks a log in a directory with golang.org/x/mod/sumdb: the checkpoint's signature,
// every tile that its root needs, every entry against it, and proofs that are made of
// the tiles: inclusion of entries, and consistency with an earlier checkpoint.
//
//	tlog DIRECTORY VKEY [EARLIER-CHECKPOINT]
//
// Prints one line and ends with 0 if all of it holds; else says what does not, with 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Height of the tiles of C2SP tlog-tiles: 2⁸ hashes each.
const height = 8

// files reads tiles and bundles from a directory. It keeps nothing.
type files string

func (dir files) Height() int { return height }

func (dir files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		bytes, err := dir.tile(tile)
		if err != nil {
			return nil, err
		}
		read = append(read, bytes)
	}
	return read, nil
}

// SaveTiles has nothing to do: the tiles are files already.
func (dir files) SaveTiles(tiles []tlog.Tile, bytes [][]byte) {}

// tile reads a tile, or the beginning of the full one that has taken its place.
func (dir files) tile(tile tlog.Tile) ([]byte, error) {
	bytes, err := dir.read(tile)
	if os.IsNotExist(err) && tile.W < 1<<height {
		full := tile
		full.W = 1 << height
		if bytes, err = dir.read(full); err == nil {
			return bytes[:tile.W*tlog.HashSize], nil
		}
	}
	return bytes, err
}

// read reads the file of a tile; C2SP has the paths of sumdb, but for the height.
func (dir files) read(tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	path = strings.Replace(path, "data/", "entries/", 1)
	return ioutil.ReadFile(filepath.Join(string(dir), "tile", path))
}

// open opens a checkpoint (C2SP tlog-checkpoint): origin, size and root.
func open(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("the root is not one")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// entries reads the entries of a bundle, each behind its length in two bytes.
func entries(bundle []byte, wanted int) ([][]byte, error) {
	var read [][]byte
	for len(bundle) >= 2 && len(read) < wanted {
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if end > len(bundle) {
			break
		}
		read = append(read, bundle[2:end])
		bundle = bundle[end:]
	}
	if len(read) != wanted || len(bundle) != 0 {
		return nil, fmt.Errorf("a bundle that should have %d entries does not", wanted)
	}
	return read, nil
}

// checkEntries hashes every entry, compares it with the proven tiles, and adds up the
// tree anew, from the entries alone.
func checkEntries(dir files, tree tlog.Tree, hashes tlog.HashReader) error {
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var read []tlog.Hash
		for _, index := range indexes {
			read = append(read, stored[index])
		}
		return read, nil
	})
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		name := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		bundle, err := dir.read(name)
		if err != nil {
			return err
		}
		read, err := entries(bundle, int(width))
		if err != nil {
			return fmt.Errorf("%s: %v", name.Path(), err)
		}
		for at, entry := range read {
			index := first + int64(at)
			proven, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			if err != nil {
				return err
			}
			if tlog.RecordHash(entry) != proven[0] {
				return fmt.Errorf("entry %d is not what the tiles say", index)
			}
			more, err := tlog.StoredHashes(index, entry, own)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
		}
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err == nil && root != tree.Hash {
		err = fmt.Errorf("the entries' root is not the checkpoint's")
	}
	return err
}

// checkInclusion makes and checks the proofs of some entries, the first and the last among them.
func checkInclusion(tree tlog.Tree, hashes tlog.HashReader) (int, error) {
	step := tree.N/100 + 1
	proofs := 0
	for index := int64(0); index < tree.N; index += step {
		for _, index := range []int64{index, tree.N - 1 - index} {
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return 0, err
			}
			leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			if err != nil {
				return 0, err
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
				return 0, fmt.Errorf("inclusion of entry %d: %v", index, err)
			}
			proofs++
		}
	}
	return proofs, nil
}

// check does all of it.
func check(arguments []string) error {
	dir := files(arguments[0])
	verifier, err := note.NewVerifier(arguments[1])
	if err != nil {
		return err
	}
	text, err := ioutil.ReadFile(filepath.Join(string(dir), "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(text, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %v", err)
	}
	hashes := tlog.TileHashReader(tree, dir)
	if err := checkEntries(dir, tree, hashes); err != nil {
		return err
	}
	proofs, err := checkInclusion(tree, hashes)
	if err != nil {
		return err
	}
	earlier := int64(0)
	if len(arguments) > 2 {
		text, err := ioutil.ReadFile(arguments[2])
		if err != nil {
			return err
		}
		before, err := open(text, verifier)
		if err != nil {
			return fmt.Errorf("the earlier checkpoint: %v", err)
		}
		proof, err := tlog.ProveTree(tree.N, before.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, before.N, before.Hash); err != nil {
			return fmt.Errorf("consistency with the checkpoint over %d entries: %v", before.N, err)
		}
		earlier = before.N
	}
	fmt.Printf("entries %d, inclusion proofs %d, consistent with %d\n", tree.N, proofs, earlier)
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "tlog DIRECTORY VKEY [EARLIER-CHECKPOINT]")
		os.Exit(2)
	}
	if err := check(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
