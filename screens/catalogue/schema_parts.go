package catalogue

import (
	"fmt"

	"github.com/proffer-id/proffer/internal/diag"
)

// namePattern is isName, and optionPattern isOption, as a regular expression.
const (
	namePattern   = `^[a-z][a-z0-9_]{0,39}$`
	optionPattern = `^[a-z0-9][a-z0-9_.-]{0,39}$`
)

func nameSchema() schema {
	return schema{"type": "string", "pattern": namePattern, "description": "Small letters, digits and _, a letter first, 40 at most."}
}

// A text is in each language, or in the one there is.
func textSchema() schema {
	words := schema{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	return schema{"description": "Words by language: {en: Coffee, th: กาแฟ}. Where the provider has one language, the words alone will do.",
		"anyOf": []schema{words, {"type": "object", "minProperties": 1, "propertyNames": schema{"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"}, "additionalProperties": words}}}
}

func periodSchema() schema {
	return schema{"type": "string", "minLength": 2, "pattern": diag.PeriodPattern, "description": "A period such as 12h, 30d, 18mo or 1y, or never."}
}

// scalarSchema is for what is taken as it is written, whatever YAML thinks it is.
func scalarSchema() schema { return schema{"type": []string{"string", "number", "boolean"}} }

func decimalSchema() schema {
	return schema{"type": []string{"number", "string"}, "pattern": `^-?[0-9]+(\.[0-9]+)?$`}
}

func daySchema() schema {
	return schema{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "A day such as 2026-12-01."}
}

func shareSchema() schema { return schema{"type": "integer", "minimum": 0, "maximum": 100} }

func oneOf(values []string, standard string) schema {
	s := schema{"enum": values}
	if standard != "" {
		s["default"] = standard
	}
	return s
}

func listOf(items schema) schema { return schema{"type": "array", "items": items, "minItems": 1} }

// pair is two of something, the first and the last.
func pair(items schema) schema {
	return schema{"type": "array", "items": items, "minItems": 2, "maxItems": 2}
}

func triggerSchema() schema {
	return schema{"description": "What brings it here: " + shapes + ".", "anyOf": []schema{
		{"enum": plainTriggers()},
		entry("sign_in", schema{"type": "integer", "minimum": 2, "maximum": MaxSignIns, "description": "From this sign-in on, the registration counted."}),
		entry("between", pair(ref("day"))),
	}}
}

// entry is a map with one key.
func entry(key string, value schema) schema {
	return schema{"type": "object", "properties": schema{key: value}, "required": []string{key}, "additionalProperties": false}
}

// conditionSchema is the name of a condition, or one of conditionKeys.
func conditionSchema() schema {
	condition, name, period := ref("condition"), ref("name"), ref("period")
	names := func(of schema) schema { return schema{"anyOf": []schema{of, listOf(of)}} }
	count := schema{"type": "integer", "minimum": 0}
	of := map[string]schema{
		"all":     listOf(condition),
		"any":     listOf(condition),
		"not":     condition,
		"consent": name,
		"client":  names(ref("scalar")),
		"locale":  names(schema{"type": "string"}),
		"moment":  names(schema{"enum": []Moment{Registration, SignIn}}),
		"answers": {"type": "object", "properties": schema{"at_least": count, "at_most": count}, "minProperties": 1, "additionalProperties": false},
		"between": pair(ref("day")),
	}
	said := map[string]schema{
		"is":         ref("scalar"),
		"any_of":     listOf(ref("scalar")),
		"answered":   {"type": "boolean"},
		"declined":   {"type": "boolean"},
		"older_than": period,
		"between":    pair(ref("decimal")),
	}
	for _, key := range rangeKeys() {
		if said[key] == nil {
			said[key] = ref("decimal")
		}
	}
	answer := schema{"answer": schema{"type": "string", "pattern": `^[a-z][a-z0-9_]{0,39}(\.[a-z_]+)?$`, "description": schemaWords()["condition.answer"]}}
	for _, key := range answerKeys() {
		answer[key] = described("answer."+key, said[key])
	}
	forms := []schema{name}
	for _, key := range conditionKeys() {
		if key == "answer" {
			forms = append(forms, schema{"type": "object", "properties": answer, "required": []string{key}, "minProperties": 2, "maxProperties": 2, "additionalProperties": false})
			continue
		}
		forms = append(forms, entry(key, described("condition."+key, of[key])))
	}
	return schema{"description": "The name of a condition, or one written here.", "anyOf": forms}
}

// described is a part with its words; nil if there is none, which a test finds.
func described(path string, part schema) schema {
	if part == nil {
		return nil
	}
	s := schema{"description": schemaWords()[path]}
	for k, v := range part {
		s[k] = v
	}
	return s
}

// needed are the keys, by type, that have to be written, beside those that the
// decoder itself asks for.
func needed() map[string][]string {
	return map[string][]string{
		"purpose": {"text"}, "question": {"why", "purpose"}, "offer": {"text"}, "derived": {"name", "purpose"}, "case": {"if", "is"}, "arm": {"share"}, "picture": {"file", "alt"},
	}
}

// neverWritten are keys that are read only to say why they cannot stand there.
func neverWritten() []string {
	return []string{"offer.if", "offer.who", "offer.when", "offer.show_if", "offer.answer", "offer.answers", "offer.consent"}
}

// narrower has the keys whose values are fewer than their type allows.
func narrower() map[string]schema {
	most := func(n int, standard any) schema {
		return schema{"type": "integer", "minimum": 1, "maximum": n, "default": standard}
	}
	option := schema{"type": []string{"string", "number", "boolean"}, "pattern": optionPattern}
	var systems, notations []string
	for _, s := range sizeSystems() {
		systems = append(systems, s.System)
		notations = sorted(append(notations, s.known...))
	}
	return map[string]schema{
		"set.age_question":     ref("name"),
		"purpose.basis":        oneOf(bases(), "consent"),
		"question.kind":        oneOf(kindNames(), ""),
		"question.scope":       oneOf([]string{string(ScopePerson), string(ScopeBrand)}, string(ScopeBrand)),
		"question.sensitivity": oneOf(sensitivities(), "normal"),
		"question.order":       oneOf(orders(), "fixed"),
		"question.claim":       ref("name"),
		"question.purpose":     ref("name"),
		"question.options":     {"type": "array"}, // see byKind
		"question.decline":     {"type": "boolean", "default": true},
		"question.at_most":     {"type": "integer", "minimum": 1},
		"question.at_least":    {"type": "integer", "minimum": 2},
		"question.limit":       most(maxLimit, defaultLimit),
		"question.min":         ref("decimal"),
		"question.max":         ref("decimal"),
		"question.step":        ref("decimal"),
		"question.from":        {"type": []string{"string", "number"}}, // see byKind
		"question.to":          {"type": []string{"string", "number"}},
		"question.first":       listOf(ref("country")),
		"question.what":        {"const": "text"},
		"question.min_age":     {"type": "integer", "minimum": leastAge, "maximum": mostAge},
		"question.channels":    listOf(schema{"enum": channelNames()}),
		"question.system":      oneOf(systems, ""),
		"question.notations":   listOf(schema{"enum": notations}),
		"derived.sensitivity":  oneOf(sensitivities(), "normal"),
		"derived.claim":        ref("name"),
		"derived.purpose":      ref("name"),
		"derived.age_of":       ref("name"),
		"derived.band_of":      ref("name"),
		"derived.sum":          {"type": "object", "minProperties": 1, "propertyNames": ref("name"), "additionalProperties": schema{"anyOf": []schema{{"const": "value"}, {"type": "object", "additionalProperties": ref("decimal")}}}},
		"derived.bands":        {"type": "array", "items": schema{"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 50},
		"derived.else":         option,
		"case.is":              option,
		"derived.words":        {"type": "object", "additionalProperties": ref("text")},
		"option.id":            option,
		"screen.ask":           {"type": "array", "items": ref("name"), "minItems": 1, "maxItems": MaxQuestions, "uniqueItems": true},
		"campaign.show":        listOf(ref("name")),
		"campaign.at_most":     most(MaxQuestions, MaxQuestions),
		"campaign.lifetime":    {"type": "integer", "minimum": 1, "default": defaultLifetime},
		"campaign.cooldown":    {"$ref": "#/$defs/period", "default": fmt.Sprintf("%dd", defaultCooldownDays)},
		"campaign.offer":       ref("name"),
		"arm.share":            shareSchema(),
		"arm.show":             listOf(ref("name")),
		"arm.offer":            ref("name"),
	}
}
