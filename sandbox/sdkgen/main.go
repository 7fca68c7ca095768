// Generates the SDK of a package for one language from its schema: `sdkgen SCHEMA LANGUAGE FOLDER`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/blang/semver"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "the sandbox of pulumi-kafka-connectors"

var generators = map[string]func(*schema.Package) (map[string][]byte, error){
	"go": func(pkg *schema.Package) (map[string][]byte, error) {
		return gogen.GeneratePackage(tool, pkg, nil)
	},
	"nodejs": func(pkg *schema.Package) (map[string][]byte, error) {
		return nodejs.GeneratePackage(tool, pkg, nil, nil, false, noOther{})
	},
	"python": func(pkg *schema.Package) (map[string][]byte, error) {
		return python.GeneratePackage(tool, pkg, nil, noOther{})
	},
}

var importers = map[string]schema.Language{"go": gogen.Importer, "nodejs": nodejs.Importer, "python": python.Importer}

// noOther is a loader for a schema that refers to no other package.
type noOther struct{}

func (noOther) refuse(name string) error {
	return fmt.Errorf("the schema refers to another package: %s", name)
}

func (n noOther) LoadPackage(name string, _ *semver.Version) (*schema.Package, error) {
	return nil, n.refuse(name)
}

func (n noOther) LoadPackageV2(_ context.Context, d *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, n.refuse(d.Name)
}

func (n noOther) LoadPackageReference(name string, _ *semver.Version) (schema.PackageReference, error) {
	return nil, n.refuse(name)
}

func (n noOther) LoadPackageReferenceV2(_ context.Context, d *schema.PackageDescriptor) (schema.PackageReference, error) {
	return nil, n.refuse(d.Name)
}

func load(path string) (*schema.Package, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&spec); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return schema.ImportSpec(spec, importers, noOther{}, schema.ValidationOptions{})
}

func generate(path, language, folder string) (err error) {
	// The generator for Go panics where its own output is not Go.
	defer func() {
		if problem := recover(); problem != nil {
			err = errors.New(strings.Join(strings.Fields(fmt.Sprint(problem)), " "))
		}
	}()
	generator, known := generators[language]
	if !known {
		return fmt.Errorf("there is no generator for %s", language)
	}
	pkg, err := load(path)
	if err != nil {
		return err
	}
	files, err := generator(pkg)
	if err != nil {
		return err
	}
	for name, content := range files {
		target := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sdkgen SCHEMA LANGUAGE FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
