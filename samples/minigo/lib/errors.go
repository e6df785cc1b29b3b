// Package errors has New, which is the compiler's own: an error is its text.
package errors
